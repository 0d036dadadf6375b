import type { Queries, Row } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import { listFormation } from "../formation/store.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { type Dyno, visibleDynos } from "./plan.ts";

export async function listDynos(queries: Queries, appId: string): Promise<Dyno[]> {
  const rows = await queries.query(
    `select * from dynos where app_id = $1 and state <> 'complete' order by created_at desc limit ${limits.listRows}`,
    [appId],
  );
  return visibleDynos(rows.map(dynoOf), await listFormation(queries, appId));
}

/** By name or id. @throws Problem not_found. */
export async function findDyno(queries: Queries, appId: string, identity: string): Promise<Dyno> {
  const dyno = (await listDynos(queries, appId)).find(({ name, id }) => name === identity || id === identity);
  if (dyno === undefined) throw new Problem("not_found", "Couldn't find that dyno.", { resource: "dyno" });
  return dyno;
}

/** What to restart: one dyno, all of a type, or all. */
export type RestartTarget = { readonly name?: string; readonly type?: string };

/** Dynos of the formation are replaced; it says so in the log. */
export async function restart({ database, lines }: Parts, account: Account, app: App, target: RestartTarget) {
  await database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    // The newest wish is the only one that counts, so there are never more rows than targets.
    await queries.query(
      "delete from restarts where app_id = $1 and type is not distinct from $2 and name is not distinct from $3",
      [app.id, target.type ?? null, target.name ?? null],
    );
    await queries.query("insert into restarts (app_id, type, name) values ($1, $2, $3)", [
      app.id,
      target.type ?? null,
      target.name ?? null,
    ]);
  });
  lines.say(app.id, `Restart ${target.name ?? target.type ?? "all dynos"} by user ${account.email}`);
}

/** A dyno of the formation is stopped and, since it is wanted, started again; a one-off ends. */
export async function stopDyno(parts: Parts, account: Account, app: App, dyno: Dyno): Promise<void> {
  const ended = await parts.database.query(
    "update one_offs set stop_requested_at = coalesce(stop_requested_at, now()) where id = $1 and app_id = $2 returning id",
    [dyno.id, app.id],
  );
  if (ended.length === 0) await restart(parts, account, app, { name: dyno.name });
  else parts.lines.say(app.id, `Stop ${dyno.name} by user ${account.email}`);
}

function dynoOf(row: Row): Dyno {
  return {
    id: row.id as string,
    name: row.name as string,
    type: row.type as string,
    command: row.command as string,
    size: row.size as string,
    state: row.state as string,
    releaseId: row.release_id as string,
    releaseVersion: row.release_version as number,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
  };
}
