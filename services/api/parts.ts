import type { Logger } from "../kernel/log.ts";
import type { Database } from "../kernel/postgres.ts";
import type { Registry } from "../kernel/registry.ts";
import type { Seal } from "../kernel/seal.ts";
import type { Bell } from "./bell.ts";
import type { Settings } from "./config.ts";
import type { LogLines } from "./log-lines.ts";

/** What the operations of the API work with; made once in main.ts. */
export interface Parts {
  readonly settings: Settings;
  readonly database: Database;
  readonly registry: Registry;
  readonly seal: Seal;
  readonly lines: LogLines;
  /** Rings when dynos changed. */
  readonly actual: Bell;
  readonly logger: Logger;
  /** Aborts when the service is told to stop: waits end. */
  readonly stopping: AbortSignal;
}
