import { type Deployed, dependencyVersions, type Hello } from "./hello.ts";
import { nowMs, until, untilAtRest, untilBound } from "./machine.ts";
import type { Section } from "./page.ts";
import type { Peer } from "./peer.ts";
import { alternate, type Measured } from "./samples.ts";
import type { Target } from "./target.ts";

type Change = "line" | "dependency";

/** From the start of `git push` to the first answer of the new release, and the same without a platform. */
export async function pushToLive(
  target: Target,
  peer: Peer,
  hello: Hello,
  deployed: Deployed,
  rounds: number,
): Promise<Section[]> {
  let stamp = 0;
  async function change(kind: Change, round: number): Promise<string> {
    const text = `number-${Date.now()}-${++stamp}`;
    await hello.changeLine(text);
    if (kind === "dependency") {
      const version = dependencyVersions[round % dependencyVersions.length];
      if (version !== undefined) await hello.changeDependency(version);
    }
    return text;
  }
  const platform = (kind: Change) => async (round: number) => {
    const text = await change(kind, round);
    await deployed.commit(text);
    await untilAtRest();
    const began = nowMs();
    const pushed = deployed.push();
    // Every 20 ms: each question is a request through router, dyno and logs, on the processors that build.
    const isLive = async () => (await target.askApp(deployed.name)).body.includes(text);
    await until("the new release", isLive, 20);
    const took = nowMs() - began;
    await pushed;
    return took;
  };
  const byHand = (kind: Change) => async (round: number) => {
    const text = await change(kind, round);
    await untilAtRest();
    const began = nowMs();
    await peer.build(hello.folder);
    const name = `push-${kind}-${round}`;
    await peer.remove(name);
    const address = await peer.start(name);
    await untilBound([address], 5000);
    await peer.route(address);
    await until("nginx to pass on the new one", async () => (await peer.ask()).includes(text));
    const took = nowMs() - began;
    await peer.remove(`push-${kind}-${round - 1}`);
    return took;
  };
  async function measured(kind: Change, count: number): Promise<Measured[]> {
    const rows = await alternate(
      [
        { name: "git push", measure: platform(kind) },
        { name: "docker build", measure: byHand(kind) },
      ],
      count,
    );
    await peer.remove(`push-${kind}-${count - 1}`);
    return rows;
  }

  // Both with their caches warm: what was built once before.
  await platform("line")(0);
  await byHand("line")(-1);
  await peer.remove("push-line--1");
  const about =
    "`git push` started → first answer of the new release; against `docker build && docker run -d`, the port bound, `nginx` told and reloaded → first answer.";
  return [
    {
      title: "Push to live, one line changed",
      about: `${about} The caches of both are warm.`,
      unit: "ms",
      rows: await measured("line", rounds),
      ratios: [{ ours: "git push", to: "docker build", aim: "at most 4, aim 2" }],
      notes: [],
    },
    {
      title: "Push to live, a dependency changed",
      about: `${about} Each round takes another version of the dependency, so that \`npm ci\` runs.`,
      unit: "ms",
      rows: await measured("dependency", Math.min(rounds, dependencyVersions.length)),
      ratios: [{ ours: "git push", to: "docker build", aim: "at most 1.5" }],
      notes: [],
    },
  ];
}
