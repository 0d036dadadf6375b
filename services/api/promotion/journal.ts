import type { Promotion, PromotionAction } from "./plan.ts";

/** The promotion's row after an action was done. @param made the release that it made, if it made one. */
export function journal(
  promotion: Promotion,
  action: PromotionAction,
  made: { readonly id: string; readonly version: number; readonly checkId?: string } | undefined,
  now: Date,
): Promotion {
  const since = now.toISOString();
  const step = (app: string, change: Partial<Promotion["steps"][number]>) => ({
    ...promotion,
    steps: promotion.steps.map((one) => (one.app === app ? { ...one, since, ...change } : one)),
  });
  switch (action.kind) {
    case "release":
      return step(action.app, {
        status: "releasing",
        to_release: made?.id ?? null,
        version: made?.version ?? null,
        check_id: made?.checkId ?? null,
      });
    case "confirm-up":
      return step(action.app, { status: "up", up_at: since });
    case "put-back":
      return step(action.app, { status: "undone" });
    case "undo":
      return { ...promotion, status: "undoing", message: action.because };
    case "finish":
      return { ...promotion, status: action.status };
    case "wait":
      return promotion;
    default:
      return action satisfies never;
  }
}

/** What the one who pushed reads, line by line: lines are only ever added, so that a reader can print the new ones. */
export function promotionLines({ status, steps, message }: Promotion): string[] {
  const lines: string[] = [];
  for (const { app, version, up_at: upAt } of steps) {
    if (version !== null) lines.push(`${app}: release v${version}`);
    if (upAt !== null) lines.push(`${app}: up`);
  }
  if (status === "undoing" || status === "failed") lines.push(`Undoing: ${message ?? "failed"}`);
  for (const step of [...steps].reverse()) {
    if (step.status === "undone") lines.push(`${step.app}: put back`);
  }
  if (status === "succeeded") lines.push("Promoted to every part");
  if (status === "failed") lines.push("Promotion failed: every part runs what it ran before");
  return lines;
}
