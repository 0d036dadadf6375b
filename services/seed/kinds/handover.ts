import { readBooted, writeBooted } from "../booted.ts";
import { done, type Kind, missing } from "../runner.ts";
import { readBootstrap } from "../slug-a.ts";
import type { World } from "../world.ts";

/** From here on the platform is its own: the seed only starts its runtime again. */
export const handover: Kind<World, Record<never, never>> = {
  async check({ platform }) {
    return (await readBooted(platform)) === undefined ? missing("not handed over") : done("the platform runs itself");
  },
  async act(world) {
    const { manifest } = await readBootstrap(world);
    await writeBooted(world.platform, { at: new Date().toISOString(), slug: manifest.digest });
  },
};
