import { expect, it } from "vitest";
import { partResult, summaryLine } from "./report.ts";

it.each([
  ["all passed", '{"numPassedTests":3,"numFailedTests":0}', 0, { passed: 3, failed: 0 }],
  ["some failed", '{"numPassedTests":3,"numFailedTests":2}', 1, { passed: 3, failed: 2 }],
  ["the set-up broke", '{"numPassedTests":0,"numFailedTests":0}', 1, { passed: 0, failed: 1 }],
  ["a file could not be loaded", '{"numPassedTests":3,"numFailedTests":0}', 1, { passed: 3, failed: 1 }],
  ["no report", undefined, 1, { passed: 0, failed: 1 }],
  ["a report cut short", '{"numPassed', 124, { passed: 0, failed: 1 }],
  ["nonsense", '{"numPassedTests":"many"}', 0, { passed: 0, failed: 0 }],
])("%s", (_, text, status, expected) => expect(partResult(text, status)).toEqual(expected));

it("sums the parts in one line", () => {
  expect(summaryLine([])).toBe("0 passed, 0 failed");
  expect(
    summaryLine([
      { passed: 2, failed: 0 },
      { passed: 3, failed: 1 },
    ]),
  ).toBe("5 passed, 1 failed");
});
