import type { Queries } from "../../kernel/postgres.ts";
import type { Release } from "../releases/release.ts";
import type { Rollout } from "../releases/rollout.ts";
import { promotionLines } from "./journal.ts";
import type { Promotion } from "./plan.ts";

/** The rollout of a release of `quine` is its promotion to the parts; the message is its lines. */
export async function promotionRollout(
  queries: Queries,
  release: Pick<Release, "slugId" | "createdAt">,
): Promise<Rollout> {
  // A slug that was rolled back to has several: the one that began with this release, in the same transaction.
  const [promotion] = await queries.query<Promotion & { [column: string]: unknown }>(
    "select status, steps, message from promotions where slug_id = $1 and created_at >= $2 order by created_at limit 1",
    [release.slugId, release.createdAt],
  );
  if (promotion === undefined) return { status: "none", message: "It was not promoted" };
  const statuses = { pending: "pending", undoing: "pending", succeeded: "up", failed: "crashed" } as const;
  return { status: statuses[promotion.status], message: promotionLines(promotion).join("\n") };
}
