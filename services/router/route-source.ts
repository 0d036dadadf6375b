import type { RouteRow } from "./route-row.ts";

/** Where routes come from. */
export interface RouteSource {
  /** Reads the routes now and whenever they may have changed, and gives each reading, whole, to `apply`, until the signal aborts. */
  follow(apply: (rows: readonly RouteRow[]) => void, signal: AbortSignal): void;
}
