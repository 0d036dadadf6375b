import { Problem } from "../../kernel/problem.ts";
import type { Parts } from "../parts.ts";
import { sourcePath, verifySource } from "../sources/address.ts";
import { sourceDigest } from "../sources/store.ts";

export interface BuildSource {
  /** Path of a source of ours, or the URL elsewhere. */
  readonly url: string;
  /** Null for a source elsewhere: the build dyno fetches that one itself, within its own network, never this process. */
  readonly digest: string | null;
}

/** @throws Problem invalid_params when there is no source at the URL, or not the one of the checksum. */
export async function resolveSource(
  { registry, settings }: Parts,
  wanted: { readonly url: string; readonly checksum: string | null },
): Promise<BuildSource> {
  const url = URL.parse(wanted.url);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Problem("invalid_params", "source_blob.url: must be an http or https URL");
  }
  if (!url.pathname.startsWith("/_sources/")) return { url: wanted.url, digest: null };
  const address = verifySource(settings.tokenKey, `${url.pathname}${url.search}`, "get", new Date());
  if (address === undefined) {
    throw new Problem("invalid_params", "source_blob.url: this source has expired, ask for a new one");
  }
  const digest = await sourceDigest(registry, address).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.id !== "not_found") throw error;
    throw new Problem("invalid_params", "source_blob.url: nothing was put there yet", { cause: error });
  });
  if (wanted.checksum !== null && wanted.checksum.toLowerCase() !== digest) {
    throw new Problem("invalid_params", "source_blob.checksum: the source that was put there has another checksum");
  }
  return { url: sourcePath(address), digest };
}
