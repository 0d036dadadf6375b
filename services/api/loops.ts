import { isUnreachable } from "../kernel/postgres.ts";
import { sentence } from "../kernel/problem.ts";
import { reapBuilds } from "./builds/reap.ts";
import { limits } from "./limits.ts";
import type { Parts } from "./parts.ts";
import { promotionTurn } from "./promotion/apply.ts";

const idleMs = 5_000;
const busyMs = 500;
const hourMs = 3_600_000;

/** What the API does by itself, until the signal aborts: each loop reads everything anew at every turn, so the next turn is the retry. */
export async function runLoops(parts: Parts, signal: AbortSignal): Promise<void> {
  await Promise.all([
    turns(parts, "promotions", signal, async () => {
      let turn = await promotionTurn(parts);
      while (turn.did && !signal.aborted) turn = await promotionTurn(parts);
      return turn.isPending ? busyMs : idleMs;
    }),
    turns(parts, "reap builds", signal, async () => {
      await reapBuilds(parts, Date.now());
      return idleMs;
    }),
    turns(parts, "clean up", signal, async () => {
      await cleanUp(parts);
      return hourMs;
    }),
  ]);
}

async function turns(parts: Parts, name: string, signal: AbortSignal, turn: () => Promise<number>): Promise<void> {
  while (!signal.aborted) {
    let waitMs = idleMs;
    try {
      waitMs = await turn();
    } catch (error) {
      // A self-deploy takes the database away for seconds: that is no news. Anything else is.
      if (isUnreachable(error)) waitMs = busyMs;
      else parts.logger.error(`The loop ${name} failed: ${sentence(error)}`, { stack: (error as Error).stack });
    }
    if (waitMs > idleMs) await new Promise<void>((resolve) => pause(waitMs, signal, resolve));
    else await parts.actual.next(waitMs, signal);
  }
}

function pause(waitMs: number, signal: AbortSignal, resolve: () => void): void {
  const timer = setTimeout(resolve, waitMs);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  });
}

/**
 * Rows that nobody needs: ended one-offs (well before the runtime forgets their dynos, or it would take them for new ones) and restarts
 * that have long been done. A bounded number at a time; the rest is for the next turn.
 */
export async function cleanUp({ database }: Parts): Promise<void> {
  await database.transaction(async (queries) => {
    const old = await queries.query<{ id: string }>(
      `select o.id from one_offs o where o.created_at < now() - make_interval(days => $1)
       and not exists (select 1 from builds b where b.one_off_id = o.id and b.status = 'pending')
       order by o.created_at limit 500`,
      [limits.oneOffDays],
    );
    const ids = old.map(({ id }) => id);
    await queries.query("update builds set one_off_id = null where one_off_id = any($1)", [ids]);
    await queries.query("delete from one_offs where id = any($1)", [ids]);
  });
  await database.query("delete from restarts where requested_at < now() - make_interval(days => $1)", [
    limits.oneOffDays,
  ]);
}
