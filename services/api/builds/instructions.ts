import { readConfig } from "../config-vars/apply.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import type { Build } from "./build.ts";

/** What the compiler is told. `deps` and `cache` are those the dyno was made with, whatever later builds left behind. */
export async function instructionsOf(parts: Parts, build: Build): Promise<Record<string, unknown>> {
  const [row] = await parts.database.query<{ name: string; build_layers: unknown; cache_layer: unknown }>(
    `select a.name, o.build_layers, o.cache_layer from builds b join apps a on a.id = b.app_id
     join one_offs o on o.id = b.one_off_id where b.id = $1`,
    [build.id],
  );
  return {
    id: build.id,
    app: { id: build.appId, name: row?.name },
    stack: build.stack,
    source_version: build.sourceVersion,
    buildpacks: build.buildpacks,
    env: await readConfig(parts, parts.database, build.appId),
    deps: row?.build_layers ?? [],
    cache: row?.cache_layer ?? null,
    slug_bytes_max: limits.slugBytes,
  };
}
