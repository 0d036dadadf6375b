import type { Rollout } from "../releases/rollout.ts";

/** One component of a promotion, as it rests in `promotions.steps`. */
export interface PromotionStep {
  readonly app: string;
  /** The release it had before; its slug is what an undo gives back. */
  readonly from_release: string | null;
  readonly to_release: string | null;
  /** Version of `to_release`. */
  readonly version: number | null;
  readonly status: "waiting" | "releasing" | "up" | "undone";
  /** One-off that runs the new release's self-check, where the part has one; steps of an older journal lack the field. */
  readonly check_id?: string | null;
  /** ISO time of the last change of status. */
  readonly since: string;
  /** When it was first seen up; null when it never was. */
  readonly up_at: string | null;
}

export interface Promotion {
  readonly status: "pending" | "succeeded" | "undoing" | "failed";
  readonly steps: readonly PromotionStep[];
  readonly message: string | null;
}

/** Next step of a promotion, with its reason. */
export type PromotionAction =
  | { readonly kind: "release"; readonly app: string; readonly because: string }
  | { readonly kind: "confirm-up"; readonly app: string; readonly because: string }
  | { readonly kind: "undo"; readonly because: string }
  | { readonly kind: "put-back"; readonly app: string; readonly because: string }
  | { readonly kind: "finish"; readonly status: "succeeded" | "failed"; readonly because: string }
  | { readonly kind: "wait"; readonly because: string };

export const upDeadlineMs = 90_000;

/**
 * The next step of a self-deploy: each component in turn gets a release with the new slug, must be up in 90 s and stay so while it is watched;
 * when one does not, every changed one gets its former slug back, the newest first. Rules from top to bottom, the first that fits.
 *
 * ```
 * pending:  waiting → releasing → up (watched) → the next … → succeeded
 *                         └──────────┴─► undoing: up|releasing → undone, newest first … → failed
 * ```
 * @param rollouts of `to_release`, by component; while one with a self-check is releasing, how that check goes.
 * @param watchMs how long each must stay up.
 */
export function planPromotion(
  promotion: Promotion,
  rollouts: Readonly<Record<string, Rollout>>,
  nowMs: number,
  watchMs: number,
): PromotionAction {
  if (promotion.status === "succeeded" || promotion.status === "failed") return { kind: "wait", because: "it is over" };
  const changed = promotion.steps.filter(({ status }) => status === "releasing" || status === "up");
  const newest = changed.at(-1);
  if (promotion.status === "undoing") {
    if (newest === undefined) return { kind: "finish", status: "failed", because: promotion.message ?? "undone" };
    return { kind: "put-back", app: newest.app, because: promotion.message ?? "undoing" };
  }

  for (const { app } of changed) {
    const rollout = rollouts[app];
    if (rollout?.status === "crashed") return { kind: "undo", because: `${app}: ${rollout.message}` };
  }
  if (newest?.status === "releasing") return planReleasing(newest, rollouts[newest.app], nowMs);
  if (newest !== undefined && ageMs(newest, nowMs) < watchMs) {
    if (isUp(rollouts[newest.app])) return { kind: "wait", because: `${newest.app} is watched` };
    return { kind: "undo", because: `${newest.app} did not stay up` };
  }
  const next = promotion.steps.find(({ status }) => status === "waiting");
  if (next !== undefined) return { kind: "release", app: next.app, because: "all before it are up" };
  return { kind: "finish", status: "succeeded", because: "all are up" };
}

function planReleasing(step: PromotionStep, rollout: Rollout | undefined, nowMs: number): PromotionAction {
  if (isUp(rollout)) return { kind: "confirm-up", app: step.app, because: rollout?.message ?? "" };
  if (ageMs(step, nowMs) > upDeadlineMs) {
    const late = `after ${upDeadlineMs / 1000} s`;
    if (hasCheck(step)) return { kind: "undo", because: `${step.app}: its self-check failed: it was not over ${late}` };
    return { kind: "undo", because: `${step.app} was not up ${late}` };
  }
  return { kind: "wait", because: `${step.app} is starting` };
}

export function hasCheck(step: PromotionStep): step is PromotionStep & { readonly check_id: string } {
  return typeof step.check_id === "string";
}

/** A component without standing dynos has nothing to wait for, but for its self-check. */
function isUp(rollout: Rollout | undefined): boolean {
  return rollout?.status === "up" || rollout?.status === "none";
}

function ageMs(step: PromotionStep, nowMs: number): number {
  return nowMs - Date.parse(step.since);
}
