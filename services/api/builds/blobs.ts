import { pipeline, type Readable } from "node:stream";
import { Problem } from "../../kernel/problem.ts";
import type { Registry } from "../../kernel/registry.ts";
import { limits } from "../limits.ts";
import { limitBytes } from "../sources/limit-bytes.ts";
import type { Build } from "./build.ts";
import { requireSquashfs } from "./squashfs-magic.ts";

export type BlobKind = "slug" | "cache";

export function blobRepository(kind: BlobKind, appId: string): string {
  return kind === "slug" ? `slugs/${appId}` : `caches/${appId}`;
}

/** Blobs of builds under way: each build into its own app's repositories, and only so many bytes. */
export interface BlobStore {
  has(build: Build, kind: BlobKind, digest: string): Promise<boolean>;
  /** @throws Problem payload_too_large, invalid_params when it is no squashfs image or the bytes have another digest. */
  put(build: Build, kind: BlobKind, digest: string, bytes: number, body: Readable): Promise<void>;
  /** The build is over. */
  forget(buildId: string): void;
}

const buildsMax = 1000;

export function createBlobStore(registry: Registry): BlobStore {
  // In memory alone: a restart of the API forgets it, which at worst lets a build upload as much once more.
  const uploaded = new Map<string, number>();

  return {
    has: (build, kind, digest) => registry.hasBlob(blobRepository(kind, build.appId), digest),

    async put(build, kind, digest, bytes, body) {
      const most = kind === "slug" ? limits.slugBytes : limits.cacheBytes;
      const total = (uploaded.get(build.id) ?? 0) + bytes;
      if (bytes > most || total > limits.buildUploadBytes) {
        const reason = bytes > most ? `${bytes} bytes are over the limit of ${most}` : "too much was uploaded";
        throw new Problem("payload_too_large", `Cannot store the ${kind}: ${reason}.`);
      }
      await requireSquashfs(kind, bytes, body);
      uploaded.set(build.id, total);
      if (uploaded.size > buildsMax) {
        const [oldest] = uploaded.keys();
        if (oldest !== undefined) uploaded.delete(oldest);
      }
      // A body that breaks off ends the upload to the registry too.
      let failure: Error | undefined;
      const limited = limitBytes(bytes, () => new Problem("bad_request", "The blob is longer than it said."));
      pipeline(body, limited, (error) => {
        failure = error ?? undefined;
      });
      await registry.putBlob(blobRepository(kind, build.appId), digest, bytes, limited).catch((error: unknown) => {
        throw failure ?? error;
      });
    },

    forget(buildId) {
      uploaded.delete(buildId);
    },
  };
}
