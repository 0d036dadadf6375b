import { Problem } from "../../kernel/problem.ts";

/** `Range: ATTRIBUTE START..END; max=N, order=asc|desc`, as the Platform API pages its lists (contract §4). */
export interface ListRange {
  readonly attribute: string;
  readonly start: string | undefined;
  readonly isStartExclusive: boolean;
  readonly end: string | undefined;
  readonly isEndExclusive: boolean;
  readonly max: number;
  readonly isDescending: boolean;
}

export type Key = string | number;

/** How the items of a list can be ordered; every attribute must be unique in the list, or pages would skip items. */
export type Attributes<T> = Readonly<Record<string, (item: T) => Key>>;

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent when the list is complete. */
  readonly contentRange?: string;
  readonly nextRange?: string;
}

const maxDefault = 200;
const maxHighest = 1000;

/** @returns undefined for an absent or empty header. @throws Problem requested_range_not_satisfiable when it cannot be read. */
export function parseRange(header: string | undefined): ListRange | undefined {
  if (header === undefined || header.trim() === "") return undefined;
  const match = /^\s*([a-z_]+)\s+(\])?([^;\s]*?)\.\.([^;\s[]*)(\[)?\s*(?:;(.*))?$/.exec(header);
  if (!match) throw unreadable(header);
  const [, attribute = "", startMark, start = "", end = "", endMark, optionText = ""] = match;
  let max = maxDefault;
  let isDescending = false;
  for (const option of optionText.split(/[,;]/)) {
    const [name = "", value = ""] = option.trim().split("=");
    if (name === "") continue;
    if (name === "max" && /^[1-9]\d{0,9}$/.test(value)) max = Math.min(Number(value), maxHighest);
    else if (name === "order" && (value === "asc" || value === "desc")) isDescending = value === "desc";
    else throw unreadable(header);
  }
  return {
    attribute,
    start: start === "" ? undefined : start,
    isStartExclusive: startMark !== undefined,
    end: end === "" ? undefined : end,
    isEndExclusive: endMark !== undefined,
    max,
    isDescending,
  };
}

/**
 * The page of a list that was asked for. Without a range the list keeps its own order, 200 items at most.
 * An `id` range of a list that has no ids is taken for its `max` alone: one client sends it with everything.
 */
export function page<T>(list: readonly T[], attributes: Attributes<T>, range: ListRange | undefined): Page<T> {
  const fallback = Object.keys(attributes)[0];
  if (fallback === undefined) return { items: list.slice(0, range?.max ?? maxDefault) };
  if (range === undefined && list.length <= maxDefault) return { items: list };
  const asked = range ?? parseRange(`${fallback} ..`);
  if (asked === undefined) throw new Error("Bug: a default range that cannot be read");
  const attribute = asked.attribute in attributes || asked.attribute !== "id" ? asked.attribute : fallback;
  const key = attributes[attribute];
  if (key === undefined) {
    throw new Problem(
      "requested_range_not_satisfiable",
      `Cannot order this list by ${asked.attribute}, it can be ordered by ${Object.keys(attributes).join(", ")}.`,
    );
  }
  const sign = asked.isDescending ? -1 : 1;
  const compare = (a: Key, b: Key) => sign * (a < b ? -1 : a > b ? 1 : 0);
  const like = (text: string, sample: Key): Key => (typeof sample === "number" ? Number(text) : text);
  const inside = list.filter((item) => {
    const value = key(item);
    const fromStart = asked.start === undefined ? 1 : compare(value, like(asked.start, value));
    const toEnd = asked.end === undefined ? -1 : compare(value, like(asked.end, value));
    return (asked.isStartExclusive ? fromStart > 0 : fromStart >= 0) && (asked.isEndExclusive ? toEnd < 0 : toEnd <= 0);
  });
  const sorted = inside.sort((a, b) => compare(key(a), key(b)));
  const items = sorted.slice(0, asked.max);
  const [first] = items;
  const last = items.at(-1);
  if (sorted.length <= asked.max || first === undefined || last === undefined) return { items };
  const end = `${asked.end ?? ""}${asked.isEndExclusive ? "[" : ""}`;
  const order = asked.isDescending ? ", order=desc" : "";
  return {
    items,
    contentRange: `${attribute} ${key(first)}..${key(last)}; max=${asked.max}${order}`,
    nextRange: `${attribute} ]${key(last)}..${end}; max=${asked.max}${order}`,
  };
}

function unreadable(header: string): Problem {
  return new Problem(
    "requested_range_not_satisfiable",
    `Cannot read the Range ${JSON.stringify(header.slice(0, 100))}: it should look like "id ..; max=100, order=asc".`,
  );
}
