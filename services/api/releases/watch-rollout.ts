import type { Queries } from "../../kernel/postgres.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import type { App } from "../apps/app.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { promotionRollout } from "../promotion/present.ts";
import type { Release } from "./release.ts";
import { type Rollout, type RolloutFacts, rolloutOf } from "./rollout.ts";

let waiters = 0;

/**
 * The rollout of a release; with `waitMs` it is answered when it is over, when its message changes, or when the time is up. A wait is cheap,
 * yet there are only so many at once: who comes after them is answered at once and asks again.
 */
export async function watchRollout(
  parts: Parts,
  app: App,
  release: Release,
  waitMs: number,
  gone: AbortSignal,
): Promise<Rollout> {
  const first = await readRollout(parts.database, app, release);
  if (waiters >= limits.rolloutWaiters) return first;
  const deadline = performance.now() + waitMs;
  const over = AbortSignal.any([gone, parts.stopping]);
  let latest = first;
  waiters++;
  try {
    while (latest.status === "pending" && latest.message === first.message && !over.aborted) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) break;
      await parts.actual.next(Math.min(leftMs, 1_000), over);
      latest = await readRollout(parts.database, app, release);
    }
  } finally {
    waiters--;
  }
  return latest;
}

async function readRollout(queries: Queries, app: App, release: Release): Promise<Rollout> {
  if (release.slugId === null) return { status: "none", message: "Nothing is deployed" };
  if (app.name === platformAppName) return promotionRollout(queries, release);
  return rolloutOf(await readRolloutFacts(queries, app.id, release.id));
}

/** Formation and dynos of an app, and what a release can run. */
export async function readRolloutFacts(queries: Queries, appId: string, releaseId: string): Promise<RolloutFacts> {
  const [row] = await queries.query<{ facts: RolloutFacts }>(
    `select jsonb_build_object(
      'release', (select jsonb_build_object('version', r.version, 'types', array(select jsonb_object_keys(s.process_types)))
                  from releases r left join slugs s on s.id = r.slug_id where r.id = $2),
      'formation', coalesce((select jsonb_agg(jsonb_build_object('type', type, 'quantity', quantity)) from formations where app_id = $1), '[]'),
      'dynos', coalesce((select jsonb_agg(jsonb_build_object('name', name, 'type', type, 'releaseVersion', release_version,
                 'state', state, 'exitReason', exit_reason)) from dynos where app_id = $1), '[]')) as facts`,
    [appId, releaseId],
  );
  if (row === undefined) throw new Error("Bug: a query without a row");
  return row.facts;
}
