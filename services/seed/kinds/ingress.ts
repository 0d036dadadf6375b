import { ingressContainer } from "../../kernel/dyno/container.ts";
import { addresses } from "../../kernel/platform.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";

/** The sandbox that holds the published ports; routers come and go in it. */
export const ingress: Kind<World, Record<never, never>> = {
  async check({ platform, engine }) {
    const found = await engine.inspectContainer(ingressContainer(platform).name);
    if (found?.state !== "running") return missing("not running");
    const wanted = addresses.ingress(platform.subnetPrefix);
    if (found.address !== wanted) return missing(`at ${found.address}, not ${wanted}`);
    return done(`${platform.bindAddress} ports ${platform.httpPort} and ${platform.httpsPort}`);
  },
  async act({ platform, engine }) {
    const spec = ingressContainer(platform);
    const found = await engine.inspectContainer(spec.name);
    if (found !== undefined) await engine.removeContainer(found.id);
    await engine.startContainer(await engine.createContainer(spec));
  },
};
