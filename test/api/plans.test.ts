import { describe, expect, test } from "vitest";
import { failureMessage } from "../../services/api/builds/end.ts";
import { planReaping } from "../../services/api/builds/plan.ts";
import { sizeTitle } from "../../services/api/catalogue/constants.ts";
import { planConfigChange } from "../../services/api/config-vars/plan.ts";
import { type Dyno, visibleDynos } from "../../services/api/dynos/plan.ts";
import { formationAfterRelease, scaled } from "../../services/api/formation/plan.ts";
import { rolloutOf } from "../../services/api/releases/rollout.ts";

const shop = { name: "shop", system: false };
const entry = (type: string, quantity: number, size = "basic") => ({ type, quantity, size });

describe("formationAfterRelease", () => {
  test.each([
    ["the first slug runs a web", shop, [], ["web", "worker"], true, [entry("web", 1), entry("worker", 0)], []],
    ["a later one adds types at 0", shop, [entry("web", 2)], ["web", "clock"], false, [entry("clock", 0)], []],
    ["a web that comes later stays at 0", shop, [], ["web"], false, [entry("web", 0)], []],
    ["types that are gone go", shop, [entry("web", 2), entry("old", 3)], ["web"], false, [], ["old"]],
    [
      "a part has its own type",
      { name: "logs", system: true },
      [],
      ["web", "logs", "git"],
      true,
      [entry("logs", 1, "system")],
      [],
    ],
    [
      "the compiler stands at 0",
      { name: "compiler", system: true },
      [],
      ["compiler"],
      true,
      [entry("compiler", 0, "system")],
      [],
    ],
    ["quine runs nothing", { name: "quine", system: true }, [], ["web", "logs"], true, [], []],
  ] as const)("%s", (_name, app, current, types, isFirst, add, remove) => {
    expect(formationAfterRelease(app, current, types, isFirst)).toEqual({ add, remove });
  });
});

describe("scaled", () => {
  const current = [entry("web", 2), entry("worker", 0)];
  test.each([
    ["2", 2],
    ["+1", 3],
    ["-2", 0],
    [5, 5],
    [undefined, 2],
  ])("quantity %j of 2 → %d", (quantity, expected) => {
    expect(scaled(shop, current, [{ type: "web", quantity }])).toEqual([entry("web", expected)]);
  });
  test("sizes in any case; several updates of a type add up", () => {
    const updates = [
      { type: "web", size: "Standard-1X" },
      { type: "web", quantity: "+1" },
    ];
    expect(scaled(shop, current, updates)).toEqual([entry("web", 3, "standard-1x")]);
  });
  test.each([
    ["an unknown type", shop, { type: "nope", quantity: 1 }, /Couldn't find that process type/],
    ["below nothing", shop, { type: "web", quantity: "-3" }, /0 to 100/],
    ["too many", shop, { type: "web", quantity: 101 }, /0 to 100/],
    ["no number", shop, { type: "web", quantity: "1e3" }, /must look like/],
    ["no size", shop, { type: "web", size: "huge" }, /no such dyno size/],
    ["the builders' size", shop, { type: "web", size: "build" }, /no such dyno size/],
    ["the platform's size", shop, { type: "web", size: "system" }, /no such dyno size/],
    ["the only router away", { name: "router", system: true }, { type: "router", quantity: 0 }, /needs 1/],
    ["a second database", { name: "postgres", system: true }, { type: "postgres", quantity: 2 }, /needs 1/],
    ["the API away", { name: "api", system: true }, { type: "api", quantity: 0 }, /at least 1/],
    ["a standing compiler", { name: "compiler", system: true }, { type: "compiler", quantity: 1 }, /needs 0/],
  ])("refuses %s", (_name, app, update, words) => {
    const entries = app.system ? [entry(app.name, 1, "system")] : current;
    expect(() => scaled(app, entries, [update])).toThrow(words);
  });
  test("a second API may run", () => {
    const api = [entry("api", 1, "system")];
    expect(scaled({ name: "api", system: true }, api, [{ type: "api", quantity: 2 }])[0]?.quantity).toBe(2);
  });
});

describe("planConfigChange", () => {
  const current = { A: "1", B: "2" };
  test.each([
    [{ A: "3", C: "4" }, "Set A, C config vars", { A: "3", C: "4" }, []],
    [{ A: null }, "Remove A config vars", {}, ["A"]],
    [{ C: "1", B: null }, "Set C config vars, Remove B config vars", { C: "1" }, ["B"]],
    [{ A: "1", Z: null }, undefined, {}, []],
    [{}, undefined, {}, []],
  ] as const)("%j → %s", (patch, description, set, remove) => {
    expect(planConfigChange(current, patch)).toEqual({ set, remove, description });
  });
  test.each(["", "A=B", "../x", ".env", "a b", "9A", "A/B", "__proto__\n"])("refuses the name %j", (name) => {
    expect(() => planConfigChange(current, { [name]: "x" })).toThrow(/not a name/);
  });
  test("refuses NUL and more than 64 kB", () => {
    expect(() => planConfigChange(current, { A: "a\0b" })).toThrow(/NUL/);
    expect(() => planConfigChange(current, { A: "x".repeat(65_536) })).toThrow(/limit/);
  });
});

describe("rolloutOf", () => {
  const dyno = (name: string, releaseVersion: number, state: string, exitReason: string | null = null) => ({
    name,
    type: name.split(".")[0] ?? "",
    releaseVersion,
    state,
    exitReason,
  });
  const release = { version: 3, types: ["web", "worker"] };
  const formation = [entry("web", 2), entry("worker", 0)];
  test.each([
    ["nothing wanted", [entry("web", 0)], [], "none"],
    ["a type the slug does not have", [entry("old", 1)], [], "none"],
    ["nothing yet", formation, [dyno("web.1", 2, "up"), dyno("web.2", 2, "up")], "pending"],
    ["half", formation, [dyno("web.1", 3, "up"), dyno("web.2", 3, "starting")], "pending"],
    ["all", formation, [dyno("web.1", 3, "up"), dyno("web.2", 3, "up")], "up"],
    ["newer ones count", formation, [dyno("web.1", 4, "up"), dyno("web.2", 3, "up")], "up"],
    ["crashed", formation, [dyno("web.1", 3, "up"), dyno("web.2", 3, "crashed", "exit status 1")], "crashed"],
    ["an older one's crash is not its", formation, [dyno("web.2", 2, "crashed")], "pending"],
    ["crashed and came back", [entry("web", 1)], [dyno("web.1", 3, "crashed"), dyno("web.1", 3, "up")], "up"],
  ] as const)("%s", (_name, wanted, dynos, status) => {
    expect(rolloutOf({ release, formation: wanted, dynos }).status).toBe(status);
  });
  test("a crash says why", () => {
    const dynos = [dyno("web.1", 3, "crashed", "out of memory (limit 512 MB)")];
    expect(rolloutOf({ release, formation, dynos }).message).toBe("web.1 crashed: out of memory (limit 512 MB)");
  });
});

describe("visibleDynos", () => {
  let clock = 0;
  const dyno = (name: string, state: string, releaseVersion = 1): Dyno => ({
    id: `${name}/${++clock}`,
    name,
    type: name.split(".")[0] ?? "",
    command: "x",
    size: "basic",
    state,
    releaseId: "r",
    releaseVersion,
    createdAt: new Date(clock),
    updatedAt: new Date(clock),
  });
  test.each([
    [
      "in order of numbers",
      [dyno("web.10", "up"), dyno("web.2", "up"), dyno("a.1", "up")],
      ["web", 10],
      ["a.1", "web.2", "web.10"],
    ],
    ["the newest of a place", [dyno("web.1", "up", 1), dyno("web.1", "starting", 2)], ["web", 1], ["web.1"]],
    ["crashed ones of the formation", [dyno("web.1", "crashed"), dyno("web.2", "crashed")], ["web", 1], ["web.1"]],
    [
      "one-offs while they run",
      [dyno("run.1", "up"), dyno("run.2", "crashed"), dyno("run.3", "complete")],
      ["web", 1],
      ["run.1"],
    ],
    ["none that stop", [dyno("web.1", "stopping")], ["web", 1], []],
  ] as const)("%s", (_name, dynos, [type, quantity], names) => {
    expect(visibleDynos(dynos, [entry(type, quantity)]).map(({ name }) => name)).toEqual(names);
  });
});

describe("planReaping", () => {
  const build = (state: string | undefined, exitReason: string | null = null) => ({
    id: "b",
    createdAtMs: 0,
    timeLimitSeconds: 900,
    dyno: state === undefined ? undefined : { state, exitReason },
  });
  test.each([
    ["running", build("up"), 900_000, undefined],
    ["no dyno yet", build(undefined), 1_000, undefined],
    ["out of memory", build("crashed", "out of memory (limit 2048 MB)"), 1, "Build ran out of memory (limit 2048 MB)"],
    ["time limit", build("crashed", "time limit of 900 s"), 1, "The build took longer than its time limit of 900 s"],
    ["exit status", build("complete", "exit status 3"), 1, "The compiler ended without a result (exit status 3)"],
    ["no reason", build("complete"), 1, "The compiler ended without a result"],
    [
      "lost",
      build("complete", "lost: its container was gone"),
      1,
      "The build's dyno was lost: the platform restarted. Push again",
    ],
    ["too old", build("up"), 960_001, "The build took longer than its time limit of 900 s"],
    [
      "never begun",
      build(undefined),
      960_001,
      "The build did not start: the platform had no dyno for it. Try again later",
    ],
  ])("%s", (_name, pending, nowMs, message) => {
    expect(planReaping([pending], nowMs)[0]?.message).toBe(message);
  });
});

test("a failure message is one plain sentence", () => {
  expect(failureMessage("\u001b[31mred\u0007\nline")).toBe("[31mred  line");
  expect(failureMessage("x".repeat(2000))).toHaveLength(1000);
  expect(failureMessage("\n")).toBe("the build failed");
});

test.each([
  ["standard-1x", "Standard-1X"],
  ["basic", "Basic"],
  ["performance-m", "Performance-M"],
])("size %s is printed %s", (name, title) => {
  expect(sizeTitle(name)).toBe(title);
});
