import type { DesiredApp, DesiredOneOff, DesiredRelease } from "../kernel/desired.ts";
import type { Limits } from "./limits.ts";
import { planFormations } from "./plan-formations.ts";
import { planOneOffs } from "./plan-one-offs.ts";
import type { ActualDyno, World } from "./world.ts";

/** One thing to do, and why. Each is for one slot, dyno or one-off (`key`), and no two steps of a plan have the same key. */
export type Step =
  | { readonly kind: "start"; readonly key: string; readonly slot: Slot; readonly because: string }
  | { readonly kind: "start-one-off"; readonly key: string; readonly oneOff: DesiredOneOff; readonly because: string }
  | { readonly kind: "lose-one-off"; readonly key: string; readonly oneOff: DesiredOneOff; readonly because: string }
  | { readonly kind: "stop"; readonly key: string; readonly dyno: ActualDyno; readonly because: string }
  | {
      readonly kind: "kill";
      readonly key: string;
      readonly dyno: ActualDyno;
      readonly reason: KillReason;
      readonly because: string;
    }
  | {
      readonly kind: "bury";
      readonly key: string;
      readonly dyno: ActualDyno;
      readonly isCrash: boolean;
      readonly because: string;
    };

/** Ends up in the record of the dyno: why it was killed. */
export type KillReason = "stranded" | "boot-timeout" | "exit-timeout" | "time-limit" | "never-started" | "unwanted";

/** A dyno that a formation wants. */
export interface Slot {
  readonly app: DesiredApp;
  readonly release: DesiredRelease;
  readonly name: string;
  readonly type: string;
  readonly size: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** When a plan made of the same facts would say more: the next deadline, if there is one. */
  readonly lookAgainAt: Date | undefined;
}

/**
 * What to do so that the dynos become what is desired. Pure: it gets every fact and the time. Applying a plan to its world and
 * planning again leaves nothing to do, but for what waits for time or health.
 */
export function plan(world: World, limits: Limits, now: Date): Plan {
  const deadlines: Date[] = [];
  const steps = [...planFormations(world, limits, now, deadlines), ...planOneOffs(world, limits, now, deadlines)];
  const future = deadlines.filter((at) => at.getTime() > now.getTime()).map((at) => at.getTime());
  return {
    steps: steps.filter((step) => !world.busy.has(step.key)),
    lookAgainAt: future.length === 0 ? undefined : new Date(Math.min(...future)),
  };
}
