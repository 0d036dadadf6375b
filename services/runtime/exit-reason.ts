import type { KillReason } from "./plan.ts";

/** Why a dyno ended, in words for the person who waits for it; undefined when it simply ended well. */
export function exitReason(facts: {
  readonly killed: KillReason | undefined;
  readonly isOutOfMemory: boolean;
  readonly exitStatus: number | undefined;
  readonly memoryBytes: number;
  readonly timeLimitSeconds: number | undefined;
  readonly bootMs: number;
}): string | undefined {
  if (facts.killed === "time-limit") return `time limit of ${facts.timeLimitSeconds ?? 0} s`;
  if (facts.killed === "boot-timeout") return `did not bind to $PORT within ${facts.bootMs / 1000} seconds (R10)`;
  if (facts.killed === "stranded") return "lost its network";
  if (facts.killed === "unwanted") return "cancelled";
  if (facts.isOutOfMemory && facts.exitStatus !== 0)
    return `out of memory (limit ${Math.round(facts.memoryBytes / 1024 / 1024)} MB)`;
  if (facts.exitStatus === 0 || facts.exitStatus === undefined) return undefined;
  return `exit status ${facts.exitStatus}`;
}
