import type { KillReason } from "./plan.ts";
import type { CrashRecord } from "./world.ts";

/** What a leading runtime knows and the engine does not. All of it can be lost: dynos prove healthy again, stops are asked for again. */
export interface RuntimeMemory {
  readonly up: Map<string, Date>;
  readonly stopping: Map<string, Date>;
  readonly watched: Map<string, Date>;
  readonly killed: Map<string, KillReason>;
  readonly crashes: Map<string, CrashRecord>;
  /** Seconds a one-off may run, for the words when it has. */
  readonly timeLimits: Map<string, number>;
  readonly busy: Set<string>;
  readonly endedOneOffs: Set<string>;
}

export function emptyMemory(): RuntimeMemory {
  return {
    up: new Map(),
    stopping: new Map(),
    watched: new Map(),
    killed: new Map(),
    crashes: new Map(),
    timeLimits: new Map(),
    busy: new Set(),
    endedOneOffs: new Set(),
  };
}

/** Counts a crash of a place; a dyno that had been up long enough starts a new count. */
export function countCrash(
  memory: RuntimeMemory,
  key: string,
  dyno: { id: string; releaseId: string },
  now: Date,
  crashResetMs: number,
): CrashRecord {
  const before = memory.crashes.get(key);
  const upSince = memory.up.get(dyno.id);
  const wasLongUp = upSince !== undefined && now.getTime() - upSince.getTime() >= crashResetMs;
  const count = before !== undefined && before.releaseId === dyno.releaseId && !wasLongUp ? before.count + 1 : 1;
  const crash = { releaseId: dyno.releaseId, count, lastAt: now };
  memory.crashes.set(key, crash);
  return crash;
}
