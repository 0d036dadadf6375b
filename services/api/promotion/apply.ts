import { json, type Queries } from "../../kernel/postgres.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import type { Parts } from "../parts.ts";
import { createRelease } from "../releases/create.ts";
import type { Rollout } from "../releases/rollout.ts";
import { rolloutOf } from "../releases/rollout.ts";
import { readRolloutFacts } from "../releases/watch-rollout.ts";
import { journal, promotionLines } from "./journal.ts";
import { hasCheck, type Promotion, type PromotionAction, planPromotion } from "./plan.ts";
import { checkedApp, readCheck, rolloutOfCheck, startCheck, stopCheck } from "./self-check.ts";

interface StoredPromotion extends Promotion {
  readonly id: string;
  readonly slugId: string;
  readonly accountId: string;
  readonly commit: string | null;
}

/** Any number, the same in every API process: who holds it works on promotions. */
const advisoryLock = 7_163_452_901;

/**
 * One step of the promotion under way, if there is one. Everything a step does rests in the database, so it is done and journalled in one
 * transaction: after a kill -9 the step has happened wholly or not at all, and whichever API comes next, the new one or the old,
 * goes on from there. Two of them at once (a rollout of the API itself) take turns by the lock.
 * @returns whether a promotion is under way, and whether something was done.
 */
export async function promotionTurn({
  database,
  lines,
  logger,
  settings,
}: Parts): Promise<{ isPending: boolean; did: boolean }> {
  const turn = await database.transaction(async (queries) => {
    const [locked] = await queries.query("select pg_try_advisory_xact_lock($1) as locked", [advisoryLock]);
    if (locked?.locked !== true) return undefined;
    const promotion = await readPromotion(queries);
    if (promotion === undefined) return { isPending: false, did: false };
    const [clock] = await queries.query<{ now: Date }>("select clock_timestamp() as now");
    const now = clock?.now ?? new Date();
    const action = planPromotion(
      promotion,
      await readRollouts(queries, promotion),
      now.getTime(),
      settings.promotionWatchMs,
    );
    if (action.kind === "wait") return { isPending: true, did: false };
    const made = await act(queries, promotion, action);
    const after = journal(promotion, action, made, now);
    await queries.query(
      "update promotions set status = $2, steps = $3, message = $4, updated_at = now() where id = $1",
      [promotion.id, after.status, json(after.steps), after.message],
    );
    const said = promotionLines(after).slice(promotionLines(promotion).length);
    return { isPending: true, did: true, action, said, platformId: await platformAppId(queries) };
  });
  if (turn === undefined) return { isPending: true, did: false };
  if ("action" in turn && turn.action !== undefined) {
    const { kind, because } = turn.action;
    logger.info("Promotion", { step: kind, app: "app" in turn.action ? turn.action.app : undefined, because });
    for (const line of turn.said) if (turn.platformId !== undefined) lines.say(turn.platformId, line);
  }
  return { isPending: turn.isPending, did: turn.did };
}

async function readPromotion(queries: Queries): Promise<StoredPromotion | undefined> {
  const [row] = await queries.query<{
    id: string;
    slug_id: string;
    account_id: string;
    commit: string | null;
    status: Promotion["status"];
    steps: Promotion["steps"];
    message: string | null;
  }>(
    `select p.*, s.commit from promotions p join slugs s on s.id = p.slug_id
     where p.status in ('pending', 'undoing') order by p.created_at limit 1`,
  );
  return row && { ...row, slugId: row.slug_id, accountId: row.account_id };
}

async function readRollouts(queries: Queries, { steps }: Promotion): Promise<Record<string, Rollout>> {
  const rollouts: Record<string, Rollout> = {};
  for (const step of steps) {
    if (step.to_release === null || step.status === "undone") continue;
    if (step.status === "releasing" && hasCheck(step)) {
      rollouts[step.app] = rolloutOfCheck(await readCheck(queries, step.check_id));
      continue;
    }
    const [app] = await queries.query<{ app_id: string }>("select app_id from releases where id = $1", [
      step.to_release,
    ]);
    if (app !== undefined) {
      rollouts[step.app] = rolloutOf(await readRolloutFacts(queries, app.app_id, step.to_release));
    }
  }
  return rollouts;
}

interface Made {
  readonly id: string;
  readonly version: number;
  /** One-off of the release's self-check, where the part has one. */
  readonly checkId?: string;
}

/** @returns the release it made, if any. */
async function act(queries: Queries, promotion: StoredPromotion, action: PromotionAction): Promise<Made | undefined> {
  switch (action.kind) {
    case "release": {
      const description = `Promote ${promotion.commit?.slice(0, 7) ?? "a new slug"}`;
      const made = await releaseOn(queries, promotion, action.app, promotion.slugId, description);
      return action.app === checkedApp ? { ...made, checkId: await startCheck(queries, made.id) } : made;
    }
    case "put-back": {
      const step = promotion.steps.find(({ app }) => app === action.app);
      if (step !== undefined && hasCheck(step)) await stopCheck(queries, step.check_id);
      const [former] = await queries.query<{ slug_id: string | null }>("select slug_id from releases where id = $1", [
        step?.from_release ?? null,
      ]);
      // A component that had nothing before keeps what it has: there is nothing to give back.
      if (!former?.slug_id) return undefined;
      const description = `Undo promotion: ${action.because}`.slice(0, 200);
      return releaseOn(queries, promotion, action.app, former.slug_id, description);
    }
    case "finish":
      await queries.query(
        `update releases set status = $2, updated_at = now() where slug_id = $1 and status = 'pending'
         and app_id = (select id from apps where name = $3)`,
        [promotion.slugId, action.status, platformAppName],
      );
      return undefined;
    case "confirm-up":
    case "undo":
    case "wait":
      return undefined;
    default:
      return action satisfies never;
  }
}

async function releaseOn(
  queries: Queries,
  { accountId }: StoredPromotion,
  appName: string,
  slugId: string,
  description: string,
): Promise<Made> {
  const [app] = await queries.query<{ id: string }>("select id from apps where name = $1 and system", [appName]);
  if (app === undefined) throw new Error(`Bug: the component ${appName} is gone`);
  return createRelease(queries, { appId: app.id, accountId, description, slugId });
}

async function platformAppId(queries: Queries): Promise<string | undefined> {
  const [app] = await queries.query<{ id: string }>("select id from apps where name = $1", [platformAppName]);
  return app?.id;
}
