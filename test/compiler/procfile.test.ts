import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CompileFail } from "../../services/compiler/compile-fail.ts";
import { parseProcfile } from "../../services/compiler/procfile.ts";

describe("parseProcfile", () => {
  test.each([
    ["one type", "web: npm start\n", { web: "npm start" }],
    ["no line end", "web: npm start", { web: "npm start" }],
    [
      "several, with blanks and comments",
      "# the web\n\nweb:npm start\nworker:\tnode w.js  \n",
      { web: "npm start", worker: "node w.js" },
    ],
    ["Windows line ends and a byte order mark", "\uFEFFweb: a\r\nclock-2: b\r\n", { web: "a", "clock-2": "b" }],
    ["colons in the command", "web: env A=b:c node x", { web: "env A=b:c node x" }],
    ["a type that objects have anyway", "constructor: x", { constructor: "x" }],
    ["a type with a meaning for objects", "__proto__: x", JSON.parse('{"__proto__":"x"}')],
  ])("%s", (_, text, types) => {
    expect(Object.entries(parseProcfile(text))).toEqual(Object.entries(types));
  });

  test.each([
    ["no colon", "web: a\nnode worker.js", /line 2 is not `type: command`: "node worker.js"/],
    ["a blank in the type", "we b: a", /line 1 is not/],
    ["a blank before the type", " web: a", /line 1 is not/],
    ["no command", "web:\n", /line 1 has no command for the process type "web"/],
    ["a command of blanks", "web:   \n", /line 1 has no command/],
    ["twice the same", "web: a\n# x\nweb: b", /line 3 declares the process type "web" a second time/],
    ["a control character", "web: a\u0007b", /line 1 has a control character/],
    ["empty", "", /declares no process types/],
    ["only comments", "# a\n\n", /declares no process types/],
    ["too large", `web: ${"a".repeat(70_000)}`, /larger than 64 kB/],
    ["too many", Array.from({ length: 101 }, (_, index) => `t${index}: a`).join("\n"), /101 process types/],
    ["a type too long", `${"a".repeat(64)}: a`, /at most 63 characters/],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseProcfile(text)).toThrow(CompileFail);
    expect(() => parseProcfile(text)).toThrow(message);
  });

  test("whatever the file says, the answer is process types or a CompileFail", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        try {
          for (const [type, command] of Object.entries(parseProcfile(text))) {
            expect(type).toMatch(/^[A-Za-z0-9_-]+$/);
            expect(command).toBe(command.trim());
            expect(command).not.toBe("");
          }
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CompileFail);
        }
      }),
    );
  });
});
