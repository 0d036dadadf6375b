import { createHmac } from "node:crypto";

/**
 * What of a token rests in the database: HMAC-SHA256 with TOKEN_KEY (its text as it is), so that a dump of the tables lets nobody in.
 * The seed writes the first row with it, the API looks tokens up by it.
 */
export function hashToken(tokenKey: string, token: string): Buffer {
  return createHmac("sha256", tokenKey).update(token).digest();
}
