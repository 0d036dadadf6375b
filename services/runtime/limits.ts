/** Times the plan goes by. */
export interface Limits {
  /** A dyno that serves must have bound its PORT by then (R10). */
  readonly bootMs: number;
  /** From SIGTERM to SIGKILL (R12). */
  readonly stopMs: number;
  /** A dyno that was up so long starts a new count of crashes. */
  readonly crashResetMs: number;
  /** Waits before the n-th restart in a row; the last one repeats. The first restart is at once (contract §5.2). */
  readonly tenantBackoffMs: readonly number[];
  readonly systemBackoffMs: readonly number[];
}

const second = 1_000;
const minute = 60 * second;

export const defaultLimits: Limits = {
  bootMs: 60 * second,
  stopMs: 30 * second,
  crashResetMs: 10 * minute,
  tenantBackoffMs: [0, 10 * second, 20 * second, 40 * second, 80 * second, 160 * second, 10 * minute, 20 * minute],
  systemBackoffMs: [0, 1 * second, 2 * second, 4 * second, 8 * second, 15 * second],
};

/** When the slot may start again after its crashes. */
export function restartAt(crash: { count: number; lastAt: Date }, backoffMs: readonly number[]): Date {
  const wait = backoffMs[Math.min(crash.count, backoffMs.length) - 1] ?? 0;
  return new Date(crash.lastAt.getTime() + wait);
}
