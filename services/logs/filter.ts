import type { Line } from "./ring.ts";

export interface Filter {
  readonly source?: "app" | "heroku";
  /** `web.1`, or a type: `web`, `router`. */
  readonly dyno?: string;
}

export function matches(filter: Filter, line: Line): boolean {
  if (filter.source !== undefined && filter.source !== line.source) return false;
  return filter.dyno === undefined || line.process === filter.dyno || line.process.startsWith(`${filter.dyno}.`);
}
