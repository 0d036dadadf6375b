import { randomUUID } from "node:crypto";
import { json, type Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { promotionOrder } from "../../kernel/system-apps.ts";
import type { PromotionStep } from "./plan.ts";

/** @throws Problem conflict while one is under way. */
export async function requireNoPromotion(queries: Queries): Promise<void> {
  const running = await queries.query("select id from promotions where status in ('pending', 'undoing')");
  if (running.length === 0) return;
  throw new Problem("conflict", "A promotion of the platform is under way: wait until it is over.");
}

/** In the transaction that makes the release on `quine`, whose app row the caller holds. @throws Problem conflict. */
export async function startPromotion(queries: Queries, slugId: string, accountId: string): Promise<void> {
  await requireNoPromotion(queries);
  const rows = await queries.query<{ name: string; release_id: string | null }>(
    `select a.name, (select r.id from releases r where r.app_id = a.id and r.status = 'succeeded'
       order by r.version desc limit 1) as release_id
     from apps a where a.system and a.name = any($1)`,
    [promotionOrder],
  );
  const since = new Date().toISOString();
  const steps = promotionOrder.flatMap((app): PromotionStep[] => {
    const row = rows.find(({ name }) => name === app);
    if (row === undefined) return [];
    const none = { to_release: null, version: null, check_id: null, up_at: null };
    return [{ app, from_release: row.release_id, ...none, status: "waiting", since }];
  });
  await queries.query("insert into promotions (id, slug_id, account_id, steps) values ($1, $2, $3, $4)", [
    randomUUID(),
    slugId,
    accountId,
    json(steps),
  ]);
}
