import { type Database, json, type Queries } from "../../kernel/postgres.ts";
import { lockApp } from "../apps/store.ts";

export interface BuildpackInstallation {
  readonly ordinal: number;
  readonly url: string;
}

export async function listBuildpacks(queries: Queries, appId: string): Promise<BuildpackInstallation[]> {
  return queries.query<{ ordinal: number; url: string }>(
    "select ordinal, url from buildpack_installations where app_id = $1 order by ordinal",
    [appId],
  );
}

/** These and no others, in this order. */
export async function replaceBuildpacks(
  database: Database,
  appId: string,
  urls: readonly string[],
): Promise<BuildpackInstallation[]> {
  return database.transaction(async (queries) => {
    await lockApp(queries, appId);
    await queries.query("delete from buildpack_installations where app_id = $1", [appId]);
    await queries.query(
      `insert into buildpack_installations (app_id, ordinal, url)
       select $1, ordinality - 1, value from jsonb_array_elements_text($2) with ordinality`,
      [appId, json(urls)],
    );
    return listBuildpacks(queries, appId);
  });
}
