import type { Row } from "../../kernel/postgres.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import { hashToken } from "../../kernel/token.ts";
import type { Parts } from "../parts.ts";

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Owns the app `quine`: sees and works the platform's own parts. */
  readonly ownsPlatform: boolean;
}

/** @returns undefined for a token that is unknown or expired. */
export async function accountOfToken({ database, settings }: Parts, token: string): Promise<Account | undefined> {
  const [row] = await database.query(
    `select a.*, exists (select 1 from apps where name = $2 and owner_id = a.id) as owns_platform
     from tokens t join accounts a on a.id = t.account_id
     where t.hash = $1 and (t.expires_at is null or t.expires_at > now())`,
    [hashToken(settings.tokenKey, token), platformAppName],
  );
  return row && accountOf(row);
}

function accountOf(row: Row): Account {
  return {
    id: row.id as string,
    email: row.email as string,
    name: row.name as string | null,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
    ownsPlatform: row.owns_platform as boolean,
  };
}
