import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Page, page, parseRange } from "../../services/api/http/range.ts";

describe("parseRange", () => {
  test.each([
    ["version ..; order=desc,max=1", { attribute: "version", max: 1, isDescending: true }],
    ["version ..; max=1, order=desc", { attribute: "version", max: 1, isDescending: true }],
    ["id ..; max=1000;", { attribute: "id", max: 1000, isDescending: false }],
    ["id ..; max=1000", { attribute: "id", max: 1000, isDescending: false }],
    ["seq ..; order=desc,max=1000", { attribute: "seq", max: 1000, isDescending: true }],
    [
      "name ]b..d[; max=5000",
      { attribute: "name", start: "b", isStartExclusive: true, end: "d", isEndExclusive: true, max: 1000 },
    ],
    ["version 3..7", { attribute: "version", start: "3", end: "7", max: 200 }],
  ])("%s", (header, expected) => {
    expect(parseRange(header)).toMatchObject(expected);
  });

  test.each([undefined, "", "  "])("%j is no range", (header) => {
    expect(parseRange(header)).toBeUndefined();
  });

  test.each(["id", "..", "id ..; max=x", "id ..; max=0", "id ..; order=up", "id a b..", "id ..; what=1"])(
    "%s cannot be read",
    (header) => {
      expect(() => parseRange(header)).toThrow(/Cannot read the Range/);
    },
  );
});

describe("page", () => {
  const byVersion = { version: (item: { v: number }) => item.v };

  test("an attribute the list does not have is refused, except id", () => {
    const list = [{ v: 1 }, { v: 2 }];
    expect(() => page(list, byVersion, parseRange("colour .."))).toThrow(/it can be ordered by version/);
    expect(page(list, byVersion, parseRange("id ..; max=1")).items).toEqual([{ v: 1 }]);
  });

  test("following Next-Range yields every item once, in order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        (versions, max, isDescending) => {
          const list = versions.map((v) => ({ v }));
          const seen: number[] = [];
          let header: string | undefined = `version ..; max=${max}${isDescending ? ", order=desc" : ""}`;
          while (header !== undefined) {
            const { items, nextRange }: Page<{ v: number }> = page(list, byVersion, parseRange(header));
            expect(items.length).toBeLessThanOrEqual(max);
            seen.push(...items.map(({ v }) => v));
            header = nextRange;
          }
          expect(seen).toEqual(versions.toSorted((a, b) => (isDescending ? b - a : a - b)));
        },
      ),
    );
  });
});
