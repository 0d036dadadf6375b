import type { Row } from "../../kernel/postgres.ts";

export interface App {
  readonly id: string;
  readonly name: string;
  readonly system: boolean;
  readonly owner: { readonly id: string; readonly email: string };
  readonly stack: string;
  readonly maintenance: boolean;
  /** Bytes of the current release's slug; null before the first deploy. */
  readonly slugBytes: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly releasedAt: Date | null;
}

/** Columns of an app, for a query with `apps a` and `accounts o`. */
export const appColumns = `a.*, o.email as owner_email,
  (select s.bytes from releases r join slugs s on s.id = r.slug_id
   where r.app_id = a.id and r.status = 'succeeded' order by r.version desc limit 1) as slug_bytes`;

export function appOf(row: Row): App {
  return {
    id: row.id as string,
    name: row.name as string,
    system: row.system as boolean,
    owner: { id: row.owner_id as string, email: row.owner_email as string },
    stack: row.stack as string,
    maintenance: row.maintenance as boolean,
    slugBytes: row.slug_bytes as number | null,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
    releasedAt: row.released_at as Date | null,
  };
}
