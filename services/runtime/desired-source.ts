import type { DesiredState } from "../kernel/desired.ts";
import type { Logger } from "../kernel/log.ts";
import type { Database } from "../kernel/postgres.ts";
import { loadDesired, readDesired, saveDesired } from "./read-desired.ts";

const rereadEveryMs = 5_000;

/** The newest desired state that could be read; the saved one until the database answers. */
export interface DesiredSource {
  current(): DesiredState | undefined;
  /** Reads at every NOTIFY and every five seconds, until the signal aborts. `changed` is called when a state has been read. */
  run(changed: () => void, signal: AbortSignal): Promise<void>;
}

export function createDesiredSource(database: Database, dataDir: string, log: Logger): DesiredSource {
  let state: DesiredState | undefined;
  let saved = "";

  async function refresh(): Promise<void> {
    state = await readDesired(database);
    const text = JSON.stringify(state.apps);
    if (text === saved) return;
    await saveDesired(dataDir, state);
    saved = text;
  }

  return {
    current: () => state,
    async run(changed, signal) {
      state ??= await loadDesired(dataDir);
      if (state !== undefined) changed();
      let wake: (() => void) | undefined;
      let isWoken = true;
      database.listen(
        "desired",
        () => {
          isWoken = true;
          wake?.();
        },
        signal,
      );
      let isAway = false;
      while (!signal.aborted) {
        isWoken = false;
        try {
          await refresh();
          if (isAway) log.info("the database answers again");
          isAway = false;
          changed();
        } catch (error) {
          if (!isAway)
            log.warn("the database does not answer; going on with the last known desired state", {
              why: (error as Error).message,
            });
          isAway = true;
        }
        if (isWoken) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, isAway ? 500 : rereadEveryMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
          signal.addEventListener("abort", wake, { once: true });
        });
      }
    },
  };
}
