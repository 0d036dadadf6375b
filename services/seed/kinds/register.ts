import { existsSync } from "node:fs";
import { dataPaths } from "../../kernel/platform.ts";
import { createSeal } from "../../kernel/seal.ts";
import { databaseName } from "../addresses.ts";
import { desiredState } from "../bootstrap.ts";
import { clientFile, writeClientFile } from "../client-file.ts";
import { registerAll } from "../registration.ts";
import { done, type Kind, missing } from "../runner.ts";
import { writePrivate } from "../secrets.ts";
import { readBootstrap } from "../slug-a.ts";
import type { World } from "../world.ts";

/** What the seed has started becomes rows under the same ids, and the runtime's first orders. */
export const register: Kind<World, Record<never, never>> = {
  async check(world) {
    const bootstrap = await readBootstrap(world);
    const { postgresPassword } = await world.secrets();
    const rows = await world.withDatabase("postgres", postgresPassword, databaseName, (database) =>
      database.query("select 1 from tokens where id = $1", [bootstrap.tokenId]),
    );
    if (rows.length === 0) return missing("not in the database");
    if (!existsSync(desiredPath(world))) return missing("the runtime has no orders");
    if (!existsSync(clientFile(world.platform))) return missing("no client settings");
    return done(`${bootstrap.apps.length} apps`);
  },
  async act(world) {
    const secrets = await world.secrets();
    const bootstrap = await readBootstrap(world);
    const seal = createSeal(secrets.sealKey);
    await world.withDatabase("postgres", secrets.postgresPassword, databaseName, (database) =>
      database.transaction((queries) => registerAll(queries, world.platform, bootstrap, secrets, seal)),
    );
    // Never over what a runtime has saved: that is newer.
    if (!existsSync(desiredPath(world)))
      await writePrivate(desiredPath(world), JSON.stringify(desiredState(bootstrap, seal)));
    await writeClientFile(world.platform, secrets);
  },
};

export function desiredPath(world: Pick<World, "platform">): string {
  return `${dataPaths.runtime(world.platform.dataDir)}/desired.json`;
}
