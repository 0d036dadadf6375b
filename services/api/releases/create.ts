import { randomUUID } from "node:crypto";
import { json, type Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { type FormationEntry, formationAfterRelease } from "../formation/plan.ts";

export interface NewRelease {
  readonly appId: string;
  readonly accountId: string;
  readonly description: string;
  /** Undefined: the slug of the current release. */
  readonly slugId?: string;
  /** A pending one is a record that becomes current later, or never. */
  readonly status?: "succeeded" | "pending";
}

export interface CreatedRelease {
  readonly id: string;
  readonly version: number;
  /** Entries the release brought with dynos in them, e.g. the first web. */
  readonly started: readonly FormationEntry[];
}

/**
 * Release n+1, in the caller's transaction: a copy of the config vars as they are (sealed), and the formation in step with the slug.
 * Whoever changes config or code of an app calls this before committing, so no change is ever without its release.
 */
export async function createRelease(queries: Queries, wanted: NewRelease): Promise<CreatedRelease> {
  // Holds the app, so that versions have no gaps and no twins.
  const [app] = await queries.query<{ name: string; system: boolean }>(
    "select name, system from apps where id = $1 for update",
    [wanted.appId],
  );
  if (app === undefined) throw new Problem("not_found", "Couldn't find that app.", { resource: "app" });
  const [before] = await queries.query<{ version: number; slug_id: string | null; had_slug: boolean }>(
    `select max(version) as version, bool_or(slug_id is not null) as had_slug,
       (select slug_id from releases where app_id = $1 and status = 'succeeded' order by version desc limit 1) as slug_id
     from releases where app_id = $1`,
    [wanted.appId],
  );
  const id = randomUUID();
  const version = (before?.version ?? 0) + 1;
  const slugId = wanted.slugId ?? before?.slug_id ?? null;
  await queries.query(
    `insert into releases (id, app_id, version, slug_id, account_id, description, status, config)
     select $1, $2, $3, $4, $5, $6, $7, coalesce(jsonb_object_agg(name, sealed), '{}') from config_vars where app_id = $2`,
    [id, wanted.appId, version, slugId, wanted.accountId, wanted.description, wanted.status ?? "succeeded"],
  );
  await queries.query("update apps set released_at = now(), updated_at = now() where id = $1", [wanted.appId]);
  const started =
    wanted.slugId === undefined || wanted.status === "pending"
      ? []
      : await followSlug(queries, { ...app, id: wanted.appId }, wanted.slugId, before?.had_slug !== true);
  return { id, version, started };
}

async function followSlug(
  queries: Queries,
  app: { id: string; name: string; system: boolean },
  slugId: string,
  isFirstSlug: boolean,
): Promise<readonly FormationEntry[]> {
  const [slug] = await queries.query<{ types: string[] }>(
    "select array(select jsonb_object_keys(process_types)) as types from slugs where id = $1",
    [slugId],
  );
  const current = await queries.query<{ type: string; quantity: number; size: string }>(
    "select type, quantity, size from formations where app_id = $1",
    [app.id],
  );
  const change = formationAfterRelease(app, current, slug?.types ?? [], isFirstSlug);
  const rows = change.add.map((entry) => ({ id: randomUUID(), ...entry }));
  await queries.query(
    `insert into formations (id, app_id, type, quantity, size)
     select id, $1, type, quantity, size from jsonb_to_recordset($2) as t(id uuid, type text, quantity int, size text)`,
    [app.id, json(rows)],
  );
  await queries.query("delete from formations where app_id = $1 and type = any($2)", [app.id, change.remove]);
  return change.add.filter((entry) => entry.quantity > 0);
}
