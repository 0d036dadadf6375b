import { Problem } from "../../kernel/problem.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import type { Parts } from "../parts.ts";
import { type Build, findBuild } from "./build.ts";
import { failBuild } from "./end.ts";

/** @throws Problem conflict when the build is over. */
export async function cancelBuild(parts: Parts, account: Account, app: App, build: Build): Promise<Build> {
  const isCancelled = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    return failBuild(queries, build.id, `Build cancelled by ${account.email}`);
  });
  if (!isCancelled) throw new Problem("conflict", "Cannot cancel this build: it is over.");
  parts.lines.say(app.id, `Build cancelled by user ${account.email}`);
  parts.lines.endBuild(build.id);
  return findBuild(parts.database, app.id, build.id);
}
