import type { Queries, Row } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { limits } from "../limits.ts";
import { isUuid } from "../present.ts";

export interface Release {
  readonly id: string;
  readonly appId: string;
  readonly version: number;
  readonly slugId: string | null;
  readonly account: { readonly id: string; readonly email: string };
  readonly description: string;
  readonly status: "succeeded" | "pending" | "failed";
  readonly isCurrent: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const select = `select r.id, r.app_id, r.version, r.slug_id, r.account_id, r.description, r.status, r.created_at, r.updated_at,
    o.email as account_email,
    r.version = (select max(version) from releases c where c.app_id = r.app_id and c.status = 'succeeded') as is_current
  from releases r join accounts o on o.id = r.account_id`;

/** Newest first. */
export async function listReleases(queries: Queries, appId: string): Promise<Release[]> {
  const rows = await queries.query(`${select} where r.app_id = $1 order by r.version desc limit ${limits.listRows}`, [
    appId,
  ]);
  return rows.map(releaseOf);
}

/** By id, or by version as `12` or `v12`. @throws Problem not_found. */
export async function findRelease(queries: Queries, appId: string, identity: string): Promise<Release> {
  const version = /^v?(\d{1,9})$/.exec(identity)?.[1];
  const [row] = isUuid(identity)
    ? await queries.query(`${select} where r.app_id = $1 and r.id = $2`, [appId, identity])
    : await queries.query(`${select} where r.app_id = $1 and r.version = $2`, [appId, Number(version ?? -1)]);
  if (row === undefined) throw new Problem("not_found", "Couldn't find that release.", { resource: "release" });
  return releaseOf(row);
}

/** The current one: the highest version that succeeded. */
export async function currentRelease(queries: Queries, appId: string): Promise<Release | undefined> {
  const [row] = await queries.query(
    `${select} where r.app_id = $1 and r.status = 'succeeded' order by r.version desc limit 1`,
    [appId],
  );
  return row && releaseOf(row);
}

function releaseOf(row: Row): Release {
  return {
    id: row.id as string,
    appId: row.app_id as string,
    version: row.version as number,
    slugId: row.slug_id as string | null,
    account: { id: row.account_id as string, email: row.account_email as string },
    description: row.description as string,
    status: row.status as Release["status"],
    isCurrent: row.is_current === true,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
  };
}
