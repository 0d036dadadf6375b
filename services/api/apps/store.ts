import { randomInt, randomUUID } from "node:crypto";
import { type Queries, sqlState } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { Account } from "../accounts/account.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { isUuid } from "../present.ts";
import { createRelease } from "../releases/create.ts";
import { type App, appColumns, appOf } from "./app.ts";
import { generatedName } from "./names.ts";
import { type Action, appNotFound, requirePermission } from "./permissions.ts";

const uniqueViolation = "23505";
const from = `select ${appColumns} from apps a join accounts o on o.id = a.owner_id`;

/** The app by name or id, for an account that may do this with it. @throws Problem not_found, forbidden. */
export async function findApp(queries: Queries, account: Account, nameOrId: string, action: Action): Promise<App> {
  const [row] = await queries.query(`${from} where ${isUuid(nameOrId) ? "a.id" : "a.name"} = $1`, [nameOrId]);
  if (row === undefined) throw appNotFound();
  const app = appOf(row);
  requirePermission(account, app, action);
  return app;
}

/** Holds the app's row until the transaction ends: releases, scales and builds of one app come one after the other. @throws Problem not_found. */
export async function lockApp(queries: Queries, appId: string): Promise<void> {
  const rows = await queries.query("select id from apps where id = $1 for update", [appId]);
  if (rows.length === 0) throw appNotFound();
}

/** The account's own apps, or the platform's (none for those who do not own it), by name. */
export async function listApps(queries: Queries, account: Account, isSystem: boolean): Promise<App[]> {
  const rows = await queries.query(
    `${from} where a.system = $2 and (a.owner_id = $1 or ($2 and $3)) and (not $2 or $3) order by a.name limit ${limits.listRows}`,
    [account.id, isSystem, account.ownsPlatform],
  );
  return rows.map(appOf);
}

/** @param name undefined for a generated one. @throws Problem invalid_params when it is taken, or the account has its number of apps. */
export async function createApp({ database, lines }: Parts, account: Account, name: string | undefined): Promise<App> {
  for (let attempt = 1; ; attempt++) {
    const chosen = name ?? generatedName((below) => randomInt(below));
    try {
      const app = await database.transaction((queries) => insertApp(queries, account, chosen));
      lines.say(app.id, `Initial release by user ${account.email}`);
      return app;
    } catch (error) {
      if (sqlState(error) !== uniqueViolation) throw error;
      if (name !== undefined) throw new Problem("invalid_params", `Name ${name} is already taken`);
      if (attempt === 5) throw error;
    }
  }
}

async function insertApp(queries: Queries, account: Account, name: string): Promise<App> {
  // One creation an account at a time, or the limit could be passed by many at once.
  await queries.query("select id from accounts where id = $1 for update", [account.id]);
  const [count] = await queries.query("select count(*) as apps from apps where owner_id = $1 and not system", [
    account.id,
  ]);
  if (Number(count?.apps) >= limits.appsPerAccount) {
    throw new Problem(
      "invalid_params",
      `You have reached the limit of ${limits.appsPerAccount} apps; destroy one first.`,
    );
  }
  const id = randomUUID();
  await queries.query("insert into apps (id, name, owner_id) values ($1, $2, $3)", [id, name, account.id]);
  await createRelease(queries, { appId: id, accountId: account.id, description: "Initial release" });
  return findApp(queries, account, id, "see");
}

/** @throws Problem invalid_params when the name is taken. */
export async function updateApp(
  { database }: Parts,
  account: Account,
  app: App,
  change: { readonly name?: string; readonly maintenance?: boolean },
): Promise<App> {
  try {
    await database.query(
      "update apps set name = coalesce($2, name), maintenance = coalesce($3, maintenance), updated_at = now() where id = $1",
      [app.id, change.name ?? null, change.maintenance ?? null],
    );
  } catch (error) {
    if (sqlState(error) === uniqueViolation) {
      throw new Problem("invalid_params", `Name ${change.name} is already taken`, { cause: error });
    }
    throw error;
  }
  return findApp(database, account, app.id, "see");
}

/** Everything of the app goes with it; a build under way is stopped. */
export async function destroyApp({ database }: Parts, app: App): Promise<void> {
  await database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    await queries.query(
      `update one_offs set stop_requested_at = now()
       where stop_requested_at is null and id in (select one_off_id from builds where app_id = $1 and status = 'pending')`,
      [app.id],
    );
    await queries.query("delete from apps where id = $1 and not system", [app.id]);
  });
}
