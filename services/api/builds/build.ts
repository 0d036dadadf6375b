import type { Queries, Row } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { limits } from "../limits.ts";
import { isUuid } from "../present.ts";

export interface Build {
  readonly id: string;
  readonly appId: string;
  readonly account: { readonly id: string; readonly email: string };
  readonly oneOffId: string | null;
  readonly status: "pending" | "succeeded" | "failed";
  /** Why it failed, for the one who pushed. */
  readonly message: string | null;
  readonly sourceDigest: string | null;
  /** The path of a source of ours, or a URL elsewhere. */
  readonly sourceUrl: string;
  readonly sourceVersion: string | null;
  readonly buildpacks: readonly string[];
  readonly slugId: string | null;
  readonly releaseId: string | null;
  readonly promotionId: string | null;
  readonly stack: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const select = `select b.*, o.email as account_email, a.stack,
    (select p.id from promotions p where p.slug_id = b.slug_id order by p.created_at limit 1) as promotion_id
  from builds b join accounts o on o.id = b.account_id join apps a on a.id = b.app_id`;

/** Oldest first. */
export async function listBuilds(queries: Queries, appId: string): Promise<Build[]> {
  const rows = await queries.query(
    `select * from (${select} where b.app_id = $1 order by b.created_at desc limit ${limits.listRows}) newest order by created_at`,
    [appId],
  );
  return rows.map(buildOf);
}

/** @throws Problem not_found. */
export async function findBuild(queries: Queries, appId: string, id: string): Promise<Build> {
  const [row] = isUuid(id) ? await queries.query(`${select} where b.app_id = $1 and b.id = $2`, [appId, id]) : [];
  if (row === undefined) throw new Problem("not_found", "Couldn't find that build.", { resource: "build" });
  return buildOf(row);
}

/** The build that has this token. @param tokenHash as it rests in the row. */
export async function buildOfToken(queries: Queries, id: string, tokenHash: Buffer): Promise<Build | undefined> {
  const [row] = isUuid(id)
    ? await queries.query(`${select} where b.id = $1 and b.token_hash = $2`, [id, tokenHash])
    : [];
  return row && buildOf(row);
}

function buildOf(row: Row): Build {
  return {
    id: row.id as string,
    appId: row.app_id as string,
    account: { id: row.account_id as string, email: row.account_email as string },
    oneOffId: row.one_off_id as string | null,
    status: row.status as Build["status"],
    message: row.message as string | null,
    sourceDigest: row.source_digest as string | null,
    sourceUrl: row.source_url as string,
    sourceVersion: row.source_version as string | null,
    buildpacks: row.buildpacks as string[],
    slugId: row.slug_id as string | null,
    releaseId: row.release_id as string | null,
    promotionId: row.promotion_id as string | null,
    stack: row.stack as string,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
  };
}
