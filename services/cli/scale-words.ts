import { UsageProblem } from "./usage-problem.ts";

export interface ScaleUpdate {
  readonly type: string;
  /** `2`, `+1` or `-1`: the platform does the sum. */
  readonly quantity: string;
  readonly size?: string;
}

/** `web=2`, `worker+1`, `web=1:standard-1x`. @throws UsageProblem */
export function parseScale(words: readonly string[]): ScaleUpdate[] {
  return words.map((word) => {
    const [, type, operator, number, size] = /^([A-Za-z0-9_-]+?)([=+-])(\d{1,6})(?::([\w-]+))?$/.exec(word) ?? [];
    if (type === undefined || number === undefined) {
      throw new UsageProblem(
        `${JSON.stringify(word)} is no change of scale.\nWrite TYPE=QUANTITY, TYPE+NUMBER or TYPE=QUANTITY:SIZE, e.g. web=2`,
      );
    }
    return {
      type,
      quantity: operator === "=" ? number : `${operator}${number}`,
      ...(size === undefined ? {} : { size }),
    };
  });
}
