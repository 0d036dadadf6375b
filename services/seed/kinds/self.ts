import { setTimeout as pause } from "node:timers/promises";
import { platformAppName } from "../../kernel/system-apps.ts";
import { markBooted, readBooted } from "../booted.ts";
import { askFront } from "../front.ts";
import { push } from "../push.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";

/** Stage 1: this checkout is pushed to the app `quine`, the platform's own compiler builds it, and every part gets the new slug. */
export const self: Kind<World, { readonly waitMs: number }> = {
  async check({ platform }) {
    const at = (await readBooted(platform))?.self;
    return at === undefined ? missing("runs on slug A, which the seed made") : done("runs on a slug of its own");
  },
  async act(world, { waitMs }) {
    const { platform, checkout, terminal } = world;
    const snapshot = await checkout.snapshot(`${platform.dataDir}/snapshot`);
    await push(platform, {
      folder: checkout.root,
      env: snapshot.env,
      app: platformAppName,
      commit: snapshot.commit,
      token: (await world.secrets()).apiToken,
      path: world.path,
      say: (line) => terminal.say(line),
    });
    await promoted(world, waitMs);
    await markBooted(platform, "self", new Date());
  },
};

/** Waits until every part runs on the new slug. The API restarts meanwhile, so that an answer may be missing now and then. */
async function promoted(world: World, waitMs: number): Promise<void> {
  const { platform } = world;
  const token = (await world.secrets()).apiToken;
  const deadline = Date.now() + waitMs;
  let last = "";
  while (Date.now() < deadline) {
    const answer = await newestRollout(world, token).catch(() => undefined);
    const message = answer?.message ?? "";
    if (message !== last && message !== "") world.terminal.say(message);
    last = message;
    if (answer?.status === "up") return;
    if (answer?.status === "crashed") throw new Error(`The platform went back to its former slug: ${message}`);
    await pause(1_000);
  }
  throw new Error(
    `The platform at ${platform.domain} did not take its new slug within ${Math.round(waitMs / 1000)} s: ${last}`,
  );
}

async function newestRollout(
  { platform }: World,
  token: string,
): Promise<{ status: string; message?: string } | undefined> {
  const ask = (path: string) => askFront(platform, platform.domain, path, { token, timeoutMs: 90_000 });
  const releases = await ask(`/apps/${platformAppName}/releases`);
  if (releases.status !== 200 && releases.status !== 206) return undefined;
  const list = JSON.parse(releases.text) as { version: number }[];
  const newest = list.reduce((best, release) => Math.max(best, release.version), 0);
  const rollout = await ask(`/apps/${platformAppName}/releases/${newest}/rollout?wait=60`);
  return rollout.status === 200 ? (JSON.parse(rollout.text) as { status: string; message?: string }) : undefined;
}
