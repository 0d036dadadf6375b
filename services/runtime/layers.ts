import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { unmountLayer } from "../kernel/dyno/filesystem.ts";
import { layerPaths } from "../kernel/dyno/paths.ts";
import { dataPaths } from "../kernel/platform.ts";
import type { Registry } from "../kernel/registry.ts";
import type { Layer } from "../kernel/slug.ts";

/** The layer files this machine has; the registry has all of them. */
export interface LayerStore {
  /** Fetches what is missing; the bytes are checked against the digest. @param repositories where to look, in this order. */
  fetch(layers: readonly Layer[], repositories: readonly string[]): Promise<void>;
  /** Deletes the files least recently needed, above the bound, among those that are not in use. */
  prune(inUseHexes: ReadonlySet<string>, bytesMax: number): Promise<void>;
}

export function createLayerStore(dataDir: string, registry: Registry): LayerStore {
  const fetching = new Map<string, Promise<void>>();

  async function fetchOne(layer: Layer, repositories: readonly string[]): Promise<void> {
    const { file } = layerPaths(dataDir, layer.digest);
    if (existsSync(file)) return;
    const fresh = `${file}.new`;
    const hash = createHash("sha256");
    const body = await firstThatHas(registry, repositories, layer.digest);
    body.on("data", (chunk: Buffer) => hash.update(chunk));
    await pipeline(body, createWriteStream(fresh, { mode: 0o600 }));
    if (`sha256:${hash.digest("hex")}` !== layer.digest) {
      await rm(fresh, { force: true });
      throw new Error(`Cannot use layer ${layer.digest}: the registry gave other bytes (R17)`);
    }
    await rename(fresh, file);
  }

  return {
    async fetch(layers, repositories) {
      await Promise.all(
        layers.map((layer) => {
          const running =
            fetching.get(layer.digest) ?? fetchOne(layer, repositories).finally(() => fetching.delete(layer.digest));
          fetching.set(layer.digest, running);
          return running;
        }),
      );
    },

    async prune(inUseHexes, bytesMax) {
      const folder = dataPaths.layers(dataDir);
      const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.sqfs$/.test(name));
      const files = await Promise.all(
        names.map(async (name) => ({ hex: name.slice(0, 64), facts: await stat(`${folder}/${name}`) })),
      );
      files.sort((a, b) => b.facts.atimeMs - a.facts.atimeMs);
      let total = 0;
      for (const { hex, facts } of files) {
        total += facts.size;
        if (inUseHexes.has(hex) || total <= bytesMax) continue;
        await unmountLayer(dataDir, `sha256:${hex}`, { deleteFile: true });
        total -= facts.size;
      }
    },
  };
}

async function firstThatHas(registry: Registry, repositories: readonly string[], digest: string) {
  for (const repository of repositories.slice(0, -1)) {
    if (await registry.hasBlob(repository, digest)) return registry.getBlob(repository, digest);
  }
  return registry.getBlob(repositories.at(-1) ?? "slugs", digest);
}
