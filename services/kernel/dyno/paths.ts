import { createHash } from "node:crypto";
import { dataPaths } from "../platform.ts";
import type { Layer } from "../slug.ts";

/** Where the files of a dyno are on the host. */
export function dynoPaths(dataDir: string, dynoId: string) {
  const root = `${dataPaths.dynos(dataDir)}/${dynoId}`;
  return {
    root,
    /** Sparse file with the dyno's file system in it; its size is the dyno's disk limit. */
    disk: `${root}/disk.img`,
    /** Where the disk is mounted: upper and work folders of the overlays, and tmp. */
    mount: `${root}/disk`,
    tmp: `${root}/disk/tmp`,
    app: `${root}/app`,
    build: `${root}/build`,
    cache: `${root}/cache`,
  } as const;
}

/** The image file of a layer, and where it is mounted. */
export function layerPaths(dataDir: string, digest: string) {
  const hex = digest.slice("sha256:".length);
  return { file: `${dataPaths.layers(dataDir)}/${hex}.sqfs`, mount: `${dataPaths.layers(dataDir)}/${hex}` } as const;
}

/** Folder with the extracted files of a slug (runtime only); one for each list of layers. */
export function extractedPath(dataDir: string, layers: readonly Layer[]): string {
  const key = createHash("sha256")
    .update(layers.map((layer) => layer.digest).join("\n"))
    .digest("hex");
  return `${dataPaths.runtime(dataDir)}/slugs/${key.slice(0, 32)}`;
}
