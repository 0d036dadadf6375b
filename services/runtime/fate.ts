import type { DesiredApp } from "../kernel/desired.ts";
import type { Limits } from "./limits.ts";
import type { Step } from "./plan.ts";
import { type ActualDyno, typeOf } from "./world.ts";

/** One-off dynos have four digits; what is left of one whose row is gone must not be taken for a formation's dyno. */
export function isOneOffName(name: string, app: DesiredApp | undefined): boolean {
  return (
    /\.\d{4,}$/.test(name) &&
    app?.formation.some((entry) => entry.type === typeOf(name) && entry.quantity >= 1000) !== true
  );
}

/** A dyno that was asked to stop is killed when its grace is over. */
export function killWhenOverdue(dyno: ActualDyno, limits: Limits, now: Date, deadlines: Date[]): Step | undefined {
  const deadline = new Date((dyno.stoppingSince ?? now).getTime() + limits.stopMs);
  if (deadline.getTime() <= now.getTime()) {
    return {
      kind: "kill",
      key: dyno.id,
      dyno,
      reason: "exit-timeout",
      because: `it did not stop within ${limits.stopMs / 1000} s of SIGTERM`,
    };
  }
  deadlines.push(deadline);
  return undefined;
}
