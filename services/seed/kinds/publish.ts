import { layerPaths } from "../../kernel/dyno/paths.ts";
import { Problem } from "../../kernel/problem.ts";
import { manifestBlobs } from "../bootstrap.ts";
import { done, type Kind, missing } from "../runner.ts";
import { readBootstrap } from "../slug-a.ts";
import type { World } from "../world.ts";

/** Slug A goes to where slugs are kept, as if a build had stored it. */
export const publish: Kind<World, Record<never, never>> = {
  async check(world) {
    const { repository, slugId, manifest } = await readBootstrap(world);
    try {
      const found = await world.registry().getManifest(repository, slugId);
      return found === manifest.manifest ? done(manifest.digest.slice(0, 19)) : missing("another slug stands there");
    } catch (error) {
      if (error instanceof Problem && error.id === "not_found") return missing("not in the registry");
      throw error;
    }
  },
  async act(world) {
    const bootstrap = await readBootstrap(world);
    const registry = world.registry();
    for (const layer of bootstrap.slug.layers) {
      await registry.putBlobFile(
        bootstrap.repository,
        layer.digest,
        layerPaths(world.platform.dataDir, layer.digest).file,
      );
    }
    const { config, configDigest } = manifestBlobs(bootstrap);
    if (!(await registry.hasBlob(bootstrap.repository, configDigest)))
      await registry.putBlob(bootstrap.repository, configDigest, Buffer.byteLength(config), Buffer.from(config));
    await registry.putManifest(bootstrap.repository, bootstrap.slugId, bootstrap.manifest.manifest);
  },
};
