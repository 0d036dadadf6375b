import type { Queries } from "../../kernel/postgres.ts";
import { openAll } from "../../kernel/seal.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import type { Parts } from "../parts.ts";
import { createRelease } from "../releases/create.ts";
import { sayRelease } from "../releases/lines.ts";
import { type ConfigPatch, planConfigChange } from "./plan.ts";

/** Name → plain value. */
export type Config = Readonly<Record<string, string>>;

export async function readConfig({ seal }: Pick<Parts, "seal">, queries: Queries, appId: string): Promise<Config> {
  const rows = await queries.query<{ name: string; sealed: string }>(
    "select name, sealed from config_vars where app_id = $1 order by name",
    [appId],
  );
  return openAll(seal, Object.fromEntries(rows.map(({ name, sealed }) => [name, sealed])));
}

/** What a release was made with. */
export async function readReleaseConfig({ seal, database }: Parts, releaseId: string): Promise<Config> {
  const [row] = await database.query<{ config: Record<string, string> }>("select config from releases where id = $1", [
    releaseId,
  ]);
  return openAll(seal, row?.config ?? {});
}

/** @returns all vars after the change. @throws Problem as {@link planConfigChange}. */
export async function changeConfig(parts: Parts, account: Account, app: App, patch: ConfigPatch): Promise<Config> {
  const { release, change, after } = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    const change = planConfigChange(await readConfig(parts, queries, app.id), patch);
    for (const [name, value] of Object.entries(change.set)) {
      await queries.query(
        `insert into config_vars (app_id, name, sealed) values ($1, $2, $3)
         on conflict (app_id, name) do update set sealed = excluded.sealed`,
        [app.id, name, parts.seal.seal(value)],
      );
    }
    await queries.query("delete from config_vars where app_id = $1 and name = any($2)", [app.id, change.remove]);
    const release =
      change.description === undefined
        ? undefined
        : await createRelease(queries, { appId: app.id, accountId: account.id, description: change.description });
    return { release, change, after: await readConfig(parts, queries, app.id) };
  });
  if (release !== undefined) sayRelease(parts.lines, app, release, change.description ?? "", account.email);
  return after;
}
