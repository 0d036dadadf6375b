import { randomUUID } from "node:crypto";
import { isUnreachable } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { Build } from "../platform/answers.ts";
import type { Intent } from "../repository/pending.ts";
import { type Change, journalPush, patiently } from "../repository/persist.ts";
import type { PushLine } from "./apply.ts";

/**
 * A push's entry in its repository's row, from before its build is asked for until that has ended: should this service die meanwhile,
 * another one finishes the push (settle.ts), so that a release never goes without its commit.
 */
export interface Journal {
  /** Undefined before it is opened and after it is closed. */
  readonly intent: Intent | undefined;
  open(commit: string): Promise<void>;
  /** Asks for the build and notes which one it is. The entry is closed when the API says no. */
  begin(ask: () => Promise<Build>): Promise<Build>;
  /** For a build that made nothing: what was pending is forgotten. */
  close(): Promise<void>;
}

/** The push cannot be waited for, and may succeed all the same. */
export class BuildGoesOn extends Problem {
  constructor() {
    super(
      "service_unavailable",
      "The git service is being replaced; the build goes on. Fetch to see whether it was taken.",
    );
  }
}

export function createJournal({ hydration, store, limits, logger, stopped }: PushLine, change: Change): Journal {
  const push = randomUUID();
  let intent: Intent | undefined;

  const close = async () => {
    intent = undefined;
    await patiently(() => store.close(change.appId, push), stopped).catch((error: Error) => {
      // Whoever comes next sees the build's end, and forgets it then.
      if (!isUnreachable(error)) throw error;
    });
  };

  return {
    get intent() {
      return intent;
    },
    async open(commit) {
      stopped.throwIfAborted();
      intent = await journalPush(hydration, store, limits, change, { push, commit }, stopped);
    },
    async begin(ask) {
      let build: Build;
      try {
        build = await ask();
      } catch (error) {
        // Without an answer nobody knows whether there is a build now: the entry stays, and is settled by what the API lists later.
        if (error instanceof Problem && error.id !== "service_unavailable") await close();
        throw error;
      }
      try {
        await patiently(() => store.note(change.appId, push, build.id), stopped);
      } catch (error) {
        // The build can be found by its commit too.
        if (!isUnreachable(error)) throw error;
        logger.warn("Cannot note the build of a push", { app_id: change.appId, build: build.id });
      }
      return build;
    },
    close,
  };
}
