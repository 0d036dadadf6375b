import { pipeline, type Readable } from "node:stream";
import { Problem } from "../../kernel/problem.ts";
import type { Registry } from "../../kernel/registry.ts";
import { digestOf, manifestMediaType } from "../../kernel/slug.ts";
import { limits } from "../limits.ts";
import type { SourceAddress } from "./address.ts";
import { limitBytes } from "./limit-bytes.ts";

const emptyConfig = "{}";
const sourceMediaType = "application/vnd.quine.source.v1.tar";

export function sourceRepository(ownerId: string): string {
  return `sources/${ownerId}`;
}

/**
 * Streams a source into the registry: a blob, and a manifest that ties the source's id to the blob's digest.
 * @throws Problem payload_too_large, invalid_params for an empty one.
 */
export async function putSource(registry: Registry, address: SourceAddress, body: Readable): Promise<void> {
  const repository = sourceRepository(address.ownerId);
  const tooLarge = new Problem("payload_too_large", `The source is over ${limits.sourceBytes / 1024 ** 2} MB.`);
  let failure: Error | undefined;
  const limited = limitBytes(limits.sourceBytes, () => tooLarge);
  pipeline(body, limited, (error) => {
    failure = error ?? undefined;
  });
  const { digest, bytes } = await registry.putBlobStream(repository, limited).catch((error: unknown) => {
    throw failure ?? error;
  });
  if (bytes === 0) throw new Problem("invalid_params", "The source is empty: put a tar or tar.gz there.");
  const config = digestOf(emptyConfig);
  if (!(await registry.hasBlob(repository, config))) {
    await registry.putBlob(repository, config, emptyConfig.length, Buffer.from(emptyConfig));
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: emptyConfig.length },
    layers: [{ mediaType: sourceMediaType, digest, size: bytes }],
  };
  await registry.putManifest(repository, address.id, JSON.stringify(manifest));
}

/** The digest of what was put there. @throws Problem not_found when nothing was. */
export async function sourceDigest(registry: Registry, address: SourceAddress): Promise<string> {
  const manifest = await registry.getManifest(sourceRepository(address.ownerId), address.id);
  const { layers } = JSON.parse(manifest) as { layers: { digest: string }[] };
  const [layer] = layers;
  if (layer === undefined) throw new Error(`Bug: the source ${address.id} has no layer`);
  return layer.digest;
}
