import type { Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import type { Parts } from "../parts.ts";
import { isUuid } from "../present.ts";
import { startPromotion } from "../promotion/start.ts";
import { type CreatedRelease, createRelease } from "./create.ts";
import { sayRelease } from "./lines.ts";
import { findRelease, type Release } from "./release.ts";

/**
 * A release with the code and config vars of an earlier one. A part of the platform gets only the code back: its config vars are
 * the platform's keys of today. Rolling back `quine` promotes the earlier slug to every part.
 * @throws Problem not_found, invalid_params when the earlier one cannot run.
 */
export async function rollBack(parts: Parts, account: Account, app: App, identity: string): Promise<Release> {
  const { created, description } = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    const target = await findRelease(queries, app.id, identity);
    if (target.slugId === null || target.status !== "succeeded") {
      throw new Problem("invalid_params", `Cannot roll back to v${target.version}: it is not eligible for rollback.`);
    }
    const description = `Rollback to v${target.version}`;
    const created = await releaseSlug(queries, account, app, target.slugId, description, async () => {
      if (app.system) return;
      await queries.query("delete from config_vars where app_id = $1", [app.id]);
      await queries.query(
        `insert into config_vars (app_id, name, sealed)
         select $1, key, value from releases, jsonb_each_text(config) where id = $2`,
        [app.id, target.id],
      );
    });
    return { created, description };
  });
  sayRelease(parts.lines, app, created, description, account.email);
  return findRelease(parts.database, app.id, created.id);
}

/** A release with a slug of the app. @throws Problem not_found. */
export async function deploySlug(
  parts: Parts,
  account: Account,
  app: App,
  slugId: string,
  description: string | undefined,
): Promise<Release> {
  const { created, words } = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    const [slug] = isUuid(slugId)
      ? await queries.query<{ commit: string | null }>(
          `select commit from slugs where id = $1
           and (app_id = $2 or id in (select slug_id from releases where app_id = $2))`,
          [slugId, app.id],
        )
      : [];
    if (slug === undefined) throw new Problem("not_found", "Couldn't find that slug.", { resource: "slug" });
    const words = description ?? deployDescription(slug.commit);
    return { created: await releaseSlug(queries, account, app, slugId, words), words };
  });
  sayRelease(parts.lines, app, created, words, account.email);
  return findRelease(parts.database, app.id, created.id);
}

/** In the caller's transaction: the one way in which a slug becomes an app's code. */
export async function releaseSlug(
  queries: Queries,
  account: Pick<Account, "id">,
  app: Pick<App, "id" | "name">,
  slugId: string,
  description: string,
  before: () => Promise<void> = async () => {},
): Promise<CreatedRelease> {
  await before();
  const isPlatform = app.name === platformAppName;
  if (isPlatform) await startPromotion(queries, slugId, account.id);
  return createRelease(queries, {
    appId: app.id,
    accountId: account.id,
    description,
    slugId,
    // It becomes current when its promotion has succeeded.
    status: isPlatform ? "pending" : "succeeded",
  });
}

/** `Deploy 2c3a0b2`, as far as the commit is known. */
export function deployDescription(commit: string | null): string {
  return commit === null || commit === "" ? "Deploy" : `Deploy ${commit.slice(0, 7)}`;
}
