import { expect, it } from "vitest";
import { type Section, sectionText, updatedPage } from "./page.ts";
import { alternate, median, ratio } from "./samples.ts";

it.each([
  [[3], 3],
  [[4, 1], 2.5],
  [[9, 1, 5], 5],
  [[1, 2, 3, 10], 2.5],
])("the median of %j is %d", (samples, expected) => expect(median(samples)).toBe(expected));

it("has no median of nothing", () => expect(() => median([])).toThrow());

it("compares medians, and round with round", () => {
  expect(ratio([2, 4, 9], [4, 4, 3])).toEqual({ of: 1, least: 0.5, most: 3 });
});

it("measures in alternating order", async () => {
  const order: string[] = [];
  const candidate = (name: string) => ({
    name,
    measure: async (round: number) => {
      order.push(`${name}${round}`);
      return order.length;
    },
  });
  const measured = await alternate([candidate("a"), candidate("b")], 3);
  expect(order.join(" ")).toBe("a0 b0 b1 a1 a2 b2");
  expect(measured).toEqual([
    { name: "a", samples: [1, 4, 5] },
    { name: "b", samples: [2, 3, 6] },
  ]);
});

const section = (title: string, ours: number): Section => ({
  title,
  about: "From here to there.",
  unit: "ms",
  rows: [
    { name: "ours", samples: [ours] },
    { name: "theirs", samples: [100] },
  ],
  ratios: [{ ours: "ours", to: "theirs", aim: "aim 0.5" }],
  notes: ["So it is."],
});

it("writes a section as a table with its ratios", () => {
  const text = sectionText(section("Start", 50));
  expect(text).toContain("| ours | 50 | 50 | 50 | 1 |");
  expect(text).toContain("**ours ÷ theirs = 0.50** (0.50 to 0.50 by round; aim 0.5)");
});

it("puts new sections in the place of old ones, and keeps the others", () => {
  const first = updatedPage("", "a machine", [section("One", 1), section("Two", 2)]);
  const second = updatedPage(first, "another", [section("Two", 22), section("Three", 3)]);
  expect([...second.matchAll(/^## (.*)$/gm)].map((heading) => heading[1])).toEqual(["One", "Two", "Three"]);
  expect(second).toContain("| ours | 1 |");
  expect(second).toContain("| ours | 22 |");
  expect(second).not.toContain("| ours | 2 |");
  expect(updatedPage(second, "another", [])).toBe(second);
});
