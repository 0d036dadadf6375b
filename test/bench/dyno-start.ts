import { nowMs, until, untilBound } from "./machine.ts";
import type { Section } from "./page.ts";
import type { Peer } from "./peer.ts";
import { alternate } from "./samples.ts";
import type { Target } from "./target.ts";

const port = 5000;

/** From the API call that asks for the first dyno to the moment its port is bound, as seen from the host. */
export async function dynoStart(target: Target, peer: Peer, app: string, rounds: number): Promise<Section> {
  const scale = (quantity: number) => target.api("PATCH", `/apps/${app}/formation/web`, { quantity });
  const dynos = () => target.api<unknown[]>("GET", `/apps/${app}/dynos`);
  const platform = async () => {
    await scale(0);
    await until("the app's dynos to be gone", async () => (await dynos()).length === 0);
    // A dyno's network is made ahead; a platform that was just scaled down makes the next one at that moment.
    await until("a sandbox to be ready", async () => (await target.readySandboxes()).length > 0);
    const ready = await target.readySandboxes();
    const began = nowMs();
    const [at] = await Promise.all([untilBound(ready, port), scale(1)]);
    void at;
    return nowMs() - began;
  };
  const run = async (round: number) => {
    const name = `start-${round}`;
    await peer.remove(name);
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
    ],
    rounds,
  );
  return {
    title: "Start of a dyno",
    about:
      "`PATCH /apps/hello/formation/web {quantity: 1}` sent → the hello app's port is bound, against `docker run -d` (default bridge) of the same app, " +
      "Node and stack image → its port is bound.",
    unit: "ms",
    rows,
    ratios: [{ ours: "a dyno", to: "docker run", aim: "at most 1.0, aim 0.5" }],
    notes: [],
  };
}
