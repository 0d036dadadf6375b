import { join } from "node:path";
import type { Layer } from "../../kernel/slug.ts";
import { depsPath } from "./deps-folder.ts";
import type { LayerStep } from "./plan-layers.ts";
import type { Squashfs } from "./squashfs.ts";

export interface PackedLayer {
  readonly layer: Layer;
  /** Its image file; undefined where the layer is one that is stored already. */
  readonly path: string | undefined;
}

/** Carries the plan out, one layer after the other: mksquashfs uses all processors by itself. */
export async function packLayers(
  steps: readonly LayerStep[],
  folders: { build: string; output: string },
  squashfs: Squashfs,
): Promise<PackedLayer[]> {
  const packed: PackedLayer[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case "reuse":
        packed.push({ layer: step.layer, path: undefined });
        break;
      case "pack-deps": {
        const path = join(folders.output, `${step.name}.deps.sqfs`);
        const image = await squashfs.packPaths(folders.build, [...step.paths, `${depsPath}/${step.name}.json`], path);
        packed.push({ layer: { ...image, kind: "deps" }, path });
        break;
      }
      case "pack-app": {
        const path = join(folders.output, "app.sqfs");
        const image = await squashfs.packAllBut(folders.build, [...step.except, ".quine"], path);
        packed.push({ layer: { ...image, kind: "app" }, path });
        break;
      }
      default:
        step satisfies never;
    }
  }
  return packed;
}
