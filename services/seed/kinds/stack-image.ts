import { withMachineLock } from "../lock.ts";
import { done, type Kind, missing } from "../runner.ts";
import { buildStackImage } from "../stack-build.ts";
import type { World } from "../world.ts";

/** For another seed to make it. */
const waitMs = 30 * 60_000;

/** The one image of builds and dynos. */
export const stackImage: Kind<World, Record<never, never>> = {
  async check({ platform, engineApi }) {
    return (await engineApi.hasImage(platform.stackImage)) ? done(platform.stackImage) : missing("not there");
  },
  async act({ platform, engineApi, extraCa, baseImage, terminal }) {
    terminal.say(
      baseImage === undefined
        ? `making ${platform.stackImage} from Debian's packages, a minute or two`
        : `making ${platform.stackImage} from ${baseImage}`,
    );
    // Several platforms share the image: the first one makes it, the others wait for it.
    await withMachineLock("the stack image", waitMs, async () => {
      if (await engineApi.hasImage(platform.stackImage)) return;
      await buildStackImage(engineApi, platform.stackImage, { extraCa, baseImage, say: (line) => terminal.say(line) });
    });
  },
};
