import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Capability URLs: whoever holds one may do what it says until it expires, without a token. Used for log sessions and output
 * streams, which the Heroku CLI fetches without credentials (contract §3.2, §3.4).
 * The signature covers path and query, so neither the app nor a filter can be changed.
 */
export function signPath(key: string, path: string, query: Readonly<Record<string, string>>, expiresAt: Date): string {
  const search = new URLSearchParams(query);
  search.set("expires", String(Math.floor(expiresAt.getTime() / 1000)));
  search.set("signature", signature(key, path, search));
  return `${path}?${search}`;
}

/** @returns the query without `expires` and `signature`, or undefined when the URL is forged or too old. */
export function verifyPath(key: string, pathAndQuery: string, now: Date): Record<string, string> | undefined {
  const [path = "", queryText = ""] = pathAndQuery.split("?", 2);
  const search = new URLSearchParams(queryText);
  const given = Buffer.from(search.get("signature") ?? "", "utf8");
  search.delete("signature");
  const expected = Buffer.from(signature(key, path, search), "utf8");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  if (!(Number(search.get("expires")) * 1000 >= now.getTime())) return undefined;
  search.delete("expires");
  return Object.fromEntries(search);
}

function signature(key: string, path: string, search: URLSearchParams): string {
  const sorted = new URLSearchParams(search);
  sorted.sort();
  return createHmac("sha256", key).update(`${path}?${sorted}`).digest("base64url");
}
