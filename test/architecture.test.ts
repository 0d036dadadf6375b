import { describe, expect, it } from "vitest";
import { files } from "./laws/files.ts";
import { layers } from "./laws/layers.ts";
import { code, importsOf, readRepository } from "./laws/repository.ts";

/**
 * The laws of the repository. To break one, change the law, with its reason, in the same change: that is what gets reviewed.
 */
const repository = readRepository();

describe.each([...layers, ...files])("law: $law", ({ why, broken, example }) => {
  it("holds", () => {
    expect(broken(repository).map((place) => `${place}, because ${why}`)).toEqual([]);
  });

  it("finds who breaks it", () => {
    expect(broken(new Map(Object.entries(example)))).not.toEqual([]);
  });
});

describe("how laws read code", () => {
  it("sees the repository", () => {
    expect(repository.has("test/architecture.test.ts")).toBe(true);
    expect(repository.has("Procfile")).toBe(true);
  });

  it("leaves comments and strings out", () => {
    expect(code('a; // await\n"await"; `await` /* await\n*/ b')).not.toContain("await");
    expect(code('const url = "http://x"; await y')).toContain("await y");
  });

  it("finds every way to import", () => {
    const text =
      'import a, {\n  b,\n} from "../x.ts";\nexport * from "./y.ts";\nimport "z";\nconst w = await import("node:w");';
    expect(importsOf("services/api/a/b.ts", text)).toEqual(["services/api/x.ts", "services/api/a/y.ts", "z", "node:w"]);
  });
});
