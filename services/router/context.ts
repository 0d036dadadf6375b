import type { Directory } from "./directory.ts";
import type { RequestRecord } from "./request-line.ts";
import type { Limits, Platform, Timeouts } from "./settings.ts";

/** What every connection shares. */
export interface Context {
  readonly platform: Platform;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  readonly directory: Directory;
  /** A number from [0, 1). */
  readonly chance: () => number;
  /** Says in the app's log what became of a request. */
  readonly record: (appId: string, record: RequestRecord) => void;
  /** The router is stopping: every answer is the last of its connection. */
  isDraining: boolean;
}
