import { chmod, mkdir, readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { prepareDataDir } from "../../kernel/dyno/filesystem.ts";
import { dataPaths } from "../../kernel/platform.ts";
import { writeDurably } from "../../kernel/write-durably.ts";
import { isShared, makeShared } from "../mounts.ts";
import { done, type Kind, missing } from "../runner.ts";
import { makeSecrets, readSecrets, writePrivate } from "../secrets.ts";
import type { World } from "../world.ts";

/** The data folder, what it was made with, its secrets, and that mounts in it are seen where they must be. */
export const dataFolder: Kind<World, Record<never, never>> = {
  async check({ platform }) {
    const saved = await readFile(dataPaths.platform(platform.dataDir), "utf8").catch(() => undefined);
    if (saved === undefined || !isDeepStrictEqual(JSON.parse(saved), platform))
      return missing("not described by platform.json");
    if ((await readSecrets(platform.dataDir)) === undefined) return missing("without secrets");
    if (!(await isShared(platform.dataDir))) return missing("not a shared mount");
    return done(platform.dataDir);
  },
  async act({ platform }) {
    const { dataDir } = platform;
    await mkdir(dataDir, { recursive: true });
    // Dynos' processes pass through it to their own folders, and list nothing.
    await chmod(dataDir, 0o711);
    // First of all, so that from now on everybody knows whose folder this is.
    await writeDurably(dataPaths.platform(dataDir), `${JSON.stringify(platform, null, 2)}\n`, 0o644);
    if ((await readSecrets(dataDir)) === undefined)
      await writePrivate(dataPaths.secrets(dataDir), `${JSON.stringify(makeSecrets(new Date()), null, 2)}\n`);
    if (!(await isShared(dataDir))) await makeShared(dataDir);
    await prepareDataDir(dataDir);
  },
};
