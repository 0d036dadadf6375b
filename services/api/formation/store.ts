import type { Queries, Row } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import type { Parts } from "../parts.ts";
import { scaleLine } from "./lines.ts";
import { type FormationEntry, type ScaleUpdate, scaled } from "./plan.ts";

export interface Formation extends FormationEntry {
  readonly id: string;
  /** What one of its dynos runs, of the current release's slug. */
  readonly command: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** By type. */
export async function listFormation(queries: Queries, appId: string): Promise<Formation[]> {
  const rows = await queries.query(
    `select f.*, s.process_types ->> f.type as command from formations f
     left join lateral (select process_types from slugs where id = (
       select slug_id from releases where app_id = f.app_id and status = 'succeeded' order by version desc limit 1)) s on true
     where f.app_id = $1 order by f.type`,
    [appId],
  );
  return rows.map(formationOf);
}

/** By type or id. @throws Problem not_found. */
export async function findFormation(queries: Queries, appId: string, identity: string): Promise<Formation> {
  const found = (await listFormation(queries, appId)).find(({ type, id }) => type === identity || id === identity);
  if (found !== undefined) return found;
  throw new Problem("not_found", "Couldn't find that formation.", { resource: "formation" });
}

/** All updates or none. @returns the whole formation after it. @throws Problem as {@link scaled}. */
export async function scaleFormation(
  { database, lines }: Parts,
  account: Account,
  app: App,
  updates: readonly ScaleUpdate[],
): Promise<Formation[]> {
  const { changed, formation } = await database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    const changed = scaled(app, await listFormation(queries, app.id), updates);
    for (const { type, quantity, size } of changed) {
      await queries.query(
        "update formations set quantity = $3, size = $4, updated_at = now() where app_id = $1 and type = $2",
        [app.id, type, quantity, size],
      );
    }
    return { changed, formation: await listFormation(queries, app.id) };
  });
  if (changed.length > 0) lines.say(app.id, scaleLine(changed, account.email));
  return formation;
}

function formationOf(row: Row): Formation {
  return {
    id: row.id as string,
    type: row.type as string,
    quantity: row.quantity as number,
    size: row.size as string,
    command: (row.command as string | null) ?? "",
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
  };
}
