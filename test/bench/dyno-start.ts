import { nowMs, until, untilAtRest, untilBound } from "./machine.ts";
import type { Section } from "./page.ts";
import type { Peer } from "./peer.ts";
import { alternate } from "./samples.ts";
import type { Target } from "./target.ts";

const port = 5000;

/** From the API call that asks for the first dyno to the moment its port is bound, as seen from the host. */
export async function dynoStart(target: Target, peer: Peer, app: string, rounds: number): Promise<Section> {
  const scale = (quantity: number) => target.api("PATCH", `/apps/${app}/formation/web`, { quantity });
  const dynos = () => target.api<unknown[]>("GET", `/apps/${app}/dynos`);
  await scale(0);
  await until("the app's dynos to be gone", async () => (await dynos()).length === 0);
  const readyCount = await restingCount(target);
  const platform = async () => {
    await scale(0);
    await until("the app's dynos to be gone", async () => (await dynos()).length === 0);
    // Also what the platform does after that, as `docker rm` has returned before the other is measured.
    await until("the platform to be at rest", async () => (await target.readySandboxes()).length === readyCount, 100);
    const ready = await target.readySandboxes();
    await untilAtRest();
    const began = nowMs();
    await Promise.all([untilBound(ready, port), scale(1)]);
    return nowMs() - began;
  };
  const floor = async (round: number) => {
    const { engine } = target;
    const pause = {
      ...peer.container(`pause-${round}`, ["sleep", "infinity"]),
      network: { kind: "network", name: "bridge" },
    } as const;
    const pauseId = await engine.createContainer(pause);
    try {
      await engine.startContainer(pauseId);
      const address = (await engine.inspectContainer(pauseId))?.address ?? "";
      await untilAtRest();
      const began = nowMs();
      const network = { kind: "container", id: pauseId } as const;
      const id = await engine.createContainer({ ...peer.container(`floor-${round}`, ["node", "server.js"]), network });
      const bound = untilBound([address], port);
      await engine.startContainer(id);
      await bound;
      const took = nowMs() - began;
      await engine.removeContainer(id);
      return took;
    } finally {
      await engine.removeContainer(pauseId);
    }
  };
  const run = async (round: number) => {
    const name = `start-${round}`;
    await peer.remove(name);
    await untilAtRest();
    const began = nowMs();
    await untilBound([await peer.start(name)], port);
    const took = nowMs() - began;
    await peer.remove(name);
    return took;
  };
  const rows = await alternate(
    [
      { name: "a dyno", measure: platform },
      { name: "docker run", measure: run },
      { name: "floor", measure: floor },
    ],
    rounds,
  );
  return {
    title: "Start of a dyno",
    about:
      "`PATCH /apps/hello/formation/web {quantity: 1}` sent → the hello app's port is bound, against `docker run -d` (default bridge) of the same app, " +
      "Node and stack image → its port is bound. Floor: the engine's API asked to create and start that container in a network made before.",
    unit: "ms",
    rows,
    ratios: [
      { ours: "a dyno", to: "docker run", aim: "at most 1.0, aim 0.5" },
      { ours: "a dyno", to: "floor", aim: "what the platform adds" },
    ],
    notes: [],
  };
}

/** How many sandboxes the platform keeps ready, seen when their number has not changed for a while. */
async function restingCount(target: Target): Promise<number> {
  let seen = -1;
  await until(
    "the sandboxes to be made",
    async () => {
      const former = seen;
      seen = (await target.readySandboxes()).length;
      return seen > 0 && seen === former;
    },
    3_000,
  );
  return seen;
}
