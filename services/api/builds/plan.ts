import { limits } from "../limits.ts";

export interface PendingBuild {
  readonly id: string;
  readonly createdAtMs: number;
  readonly timeLimitSeconds: number;
  /** The build's dyno, once the runtime has made it. */
  readonly dyno: { readonly state: string; readonly exitReason: string | null } | undefined;
}

/** A build to give up, and what the one who pushed is told. */
export interface Reaping {
  readonly id: string;
  readonly message: string;
  readonly because: "dyno ended" | "too old";
}

/** Builds whose dyno ended without a result, or that are older than a dyno can get. */
export function planReaping(builds: readonly PendingBuild[], nowMs: number): Reaping[] {
  return builds.flatMap((build): Reaping[] => {
    const { dyno } = build;
    if (dyno !== undefined && (dyno.state === "complete" || dyno.state === "crashed")) {
      return [{ id: build.id, message: endedMessage(dyno.exitReason), because: "dyno ended" }];
    }
    const ageSeconds = (nowMs - build.createdAtMs) / 1000;
    if (ageSeconds <= build.timeLimitSeconds + limits.buildGraceSeconds) return [];
    const message =
      dyno === undefined
        ? "The build did not start: the platform had no dyno for it. Try again later"
        : `The build took longer than its time limit of ${build.timeLimitSeconds} s`;
    return [{ id: build.id, message, because: "too old" }];
  });
}

/** First match wins; the reasons are the runtime's words. */
const endings: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/out of memory \(limit ([^)]+)\)/, ([, limit]) => `Build ran out of memory (limit ${limit})`],
  [/out of memory/, () => "Build ran out of memory"],
  [/time limit of (\d+ s)/, ([, limit]) => `The build took longer than its time limit of ${limit}`],
  [/disk|ENOSPC|no space/i, ([reason]) => `Build filled its disk (${reason})`],
  [/cancelled/, () => "Build cancelled"],
  [/lost/, () => "The build's dyno was lost: the platform restarted. Push again"],
  [/exit status (\d+)/, ([, status]) => `The compiler ended without a result (exit status ${status})`],
];

function endedMessage(exitReason: string | null): string {
  for (const [pattern, words] of endings) {
    const match = pattern.exec(exitReason ?? "");
    if (match) return words(match);
  }
  return `The compiler ended without a result${exitReason === null ? "" : ` (${exitReason})`}`;
}
