import { createHmac } from "node:crypto";
import { signPath, verifyPath } from "../../kernel/signed-url.ts";
import { limits } from "../limits.ts";
import { isUuid } from "../present.ts";

/** Where a source lies: `sources/<owner id>` in the registry, under a tag that is the source's id. The owner is an app, or an account. */
export interface SourceAddress {
  readonly ownerId: string;
  readonly id: string;
}

/** `/_sources/<owner>/<id>`: what a build keeps of it, without its signature. */
export function sourcePath({ ownerId, id }: SourceAddress): string {
  return `/_sources/${ownerId}/${id}`;
}

export function sourceAddressOf(path: string): SourceAddress | undefined {
  const [, ownerId = "", id = ""] = /^\/_sources\/([^/?]+)\/([^/?]+)$/.exec(path) ?? [];
  return isUuid(ownerId) && isUuid(id) ? { ownerId, id } : undefined;
}

/** Path and query that let whoever holds them put or get the source for an hour. */
export function signSource(tokenKey: string, address: SourceAddress, method: "put" | "get", now: Date): string {
  const expiresAt = new Date(now.getTime() + limits.sourceUrlSeconds * 1000);
  return signPath(sourceKey(tokenKey), sourcePath(address), { method }, expiresAt);
}

/** @returns undefined when the URL is not one of ours, is forged, too old, or for the other method. */
export function verifySource(
  tokenKey: string,
  pathAndQuery: string,
  method: "put" | "get",
  now: Date,
): SourceAddress | undefined {
  const address = sourceAddressOf(pathAndQuery.split("?", 1)[0] ?? "");
  if (address === undefined) return undefined;
  return verifyPath(sourceKey(tokenKey), pathAndQuery, now)?.method === method ? address : undefined;
}

/** A key of its own, made from the API's: nobody else can sign sources. */
function sourceKey(tokenKey: string): string {
  return createHmac("sha256", tokenKey).update("sources").digest("hex");
}
