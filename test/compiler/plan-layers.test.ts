import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Declaration, parseDeclaration, refuseOverlap } from "../../services/compiler/layer/declaration.ts";
import { forsakenPaths, needsComparing, planLayers } from "../../services/compiler/layer/plan-layers.ts";
import type { Layer } from "../../services/kernel/slug.ts";

const node: Declaration = { name: "node", key: "n1", paths: [".heroku/node"] };
const modules: Declaration = { name: "modules", key: "m1", paths: ["node_modules"] };
const layer = (letter: string): Layer => ({ digest: `sha256:${letter.repeat(64)}`, bytes: 1, kind: "deps" });
const layersBefore = [layer("a"), layer("b")];
const before = [modules, node];

describe("planLayers", () => {
  const cases: [string, Partial<Parameters<typeof planLayers>[0]>, string[]][] = [
    [
      "a first build packs everything",
      { before: [], layersBefore: [] },
      ["pack-deps modules", "pack-deps node", "pack-app"],
    ],
    ["nothing changed: only the app is packed", {}, ["reuse modules", "reuse node", "pack-app"]],
    ["another key", { declared: [{ ...modules, key: "m2" }, node] }, ["pack-deps modules", "reuse node", "pack-app"]],
    [
      "another path",
      { declared: [{ ...modules, paths: ["lib"] }, node] },
      ["pack-deps modules", "reuse node", "pack-app"],
    ],
    [
      "no key is never equal",
      { before: [{ ...modules, key: "" }, node], declared: [{ ...modules, key: "" }, node] },
      ["pack-deps modules", "reuse node", "pack-app"],
    ],
    ["something was written", { touched: new Set(["node"]) }, ["reuse modules", "pack-deps node", "pack-app"]],
    ["one is gone", { declared: [node] }, ["reuse node", "pack-app"]],
    [
      "layers that cannot be told apart",
      { layersBefore: [layer("a")] },
      ["pack-deps modules", "pack-deps node", "pack-app"],
    ],
  ];
  test.each(cases)("%s", (_, facts, expected) => {
    const steps = planLayers({ before, layersBefore, declared: before, touched: new Set(), ...facts });
    expect(steps.map((step) => ("name" in step ? `${step.kind} ${step.name}` : step.kind))).toEqual(expected);
    for (const step of steps) expect(step.because).not.toBe("");
  });

  test("each layer keeps the digest of its own name, in whatever order they are declared", () => {
    const steps = planLayers({ before: [node, modules], layersBefore, declared: [node, modules], touched: new Set() });
    expect(steps.map((step) => (step.kind === "reuse" ? [step.name, step.layer.digest[7]] : step.kind))).toEqual([
      ["modules", "a"],
      ["node", "b"],
      "pack-app",
    ]);
  });

  test("what is not the same as before is never reused", () => {
    const declaration = fc.record({
      name: fc.constantFrom("apt", "modules", "node"),
      key: fc.constantFrom("", "1", "2"),
      paths: fc.constantFrom(["x"], ["y"]),
    });
    const some = fc.uniqueArray(declaration, { selector: ({ name }) => name });
    fc.assert(
      fc.property(some, some, fc.subarray(["apt", "modules", "node"]), (old, now, touched) => {
        const images = old.map((_, index) => layer(String(index)));
        const steps = planLayers({ before: old, layersBefore: images, declared: now, touched: new Set(touched) });
        expect(steps).toHaveLength(now.length + 1);
        for (const step of steps) {
          if (step.kind !== "reuse") continue;
          const declared = now.find(({ name }) => name === step.name);
          expect(old).toContainEqual(declared);
          expect(declared?.key).not.toBe("");
          expect(touched).not.toContain(step.name);
        }
      }),
    );
  });
});

describe("needsComparing", () => {
  test.each([
    ["nothing changed, bundled buildpacks alone", before, before, [true, true], false],
    ["a buildpack from elsewhere ran", before, before, [true, false], true],
    ["a key changed, so something was installed", before, [modules, { ...node, key: "n2" }], [true], true],
    ["something was installed without a key", [{ ...modules, key: "" }], [{ ...modules, key: "" }], [true], true],
  ])("%s", (_, old, declared, isBundled, expected) => {
    expect(needsComparing({ before: old, declared, isBundled, isAsked: false })).toBe(expected);
    expect(needsComparing({ before: old, declared, isBundled, isAsked: true })).toBe(true);
  });
});

test("forsakenPaths: what no buildpack stands for any more", () => {
  expect(forsakenPaths(before, [node])).toEqual(["node_modules"]);
  expect(forsakenPaths([node], [{ name: "other", key: "k", paths: [".heroku"] }])).toEqual([]);
});

describe("parseDeclaration", () => {
  test("reads what a buildpack writes", () => {
    expect(parseDeclaration("node", '{"key":"n1","paths":[".heroku/node"]}\n')).toEqual(node);
  });
  test.each([
    ["../x", '{"key":"k","paths":["a"]}'],
    ["x", "{"],
    ["x", "null"],
    ["x", '{"key":"k"}'],
    ["x", '{"key":"k","paths":[]}'],
    ["x", '{"key":1,"paths":["a"]}'],
    ["x", '{"key":"k","paths":["/etc"]}'],
    ["x", '{"key":"k","paths":["a/../../b"]}'],
    ["x", '{"key":"k","paths":["."]}'],
    ["x", '{"key":"k","paths":["-action"]}'],
    ["x", '{"key":"k","paths":[".quine/deps"]}'],
    ["x", '{"key":"k","paths":["a b"]}'],
  ])("refuses %s %s", (name, text) => {
    expect(() => parseDeclaration(name, text)).toThrow(/declared dependencies that cannot be/);
  });
  test("refuses two that claim one place", () => {
    expect(() => refuseOverlap([node, { name: "x", key: "", paths: [".heroku"] }])).toThrow(
      /declared the same dependencies twice/,
    );
    expect(() => refuseOverlap(before)).not.toThrow();
  });
});
