import type { DesiredOneOff } from "../kernel/desired.ts";
import { isOneOffName, killWhenOverdue } from "./fate.ts";
import type { Limits } from "./limits.ts";
import type { Step } from "./plan.ts";
import type { ActualDyno, World } from "./world.ts";

/** What to do for the runs wanted once: begun at most once, ended at their time limit, never repeated. */
export function* planOneOffs(world: World, limits: Limits, now: Date, deadlines: Date[]): Generator<Step> {
  const wanted = new Map(world.desired.oneOffs.map((oneOff) => [oneOff.id, oneOff]));
  const apps = new Map(world.desired.apps.map((app) => [app.id, app]));
  const found = new Set<string>();
  for (const dyno of world.dynos) {
    const oneOff = wanted.get(dyno.id);
    if (oneOff === undefined && !isOneOffName(dyno.name, apps.get(dyno.appId))) continue;
    found.add(dyno.id);
    const step = fateOfOneOff(dyno, oneOff, world.desired.isFromCache !== true, limits, now, deadlines);
    if (step !== undefined) yield step;
  }
  for (const oneOff of wanted.values()) {
    if (found.has(oneOff.id) || world.endedOneOffs.has(oneOff.id)) continue;
    if (oneOff.started || oneOff.stopRequested) {
      yield {
        kind: "lose-one-off",
        key: oneOff.id,
        oneOff,
        because: oneOff.started ? "its dyno is gone" : "it was cancelled before it began",
      };
      continue;
    }
    yield { kind: "start-one-off", key: oneOff.id, oneOff, because: `${oneOff.appName} ${oneOff.name} is to run once` };
  }
}

function fateOfOneOff(
  dyno: ActualDyno,
  oneOff: DesiredOneOff | undefined,
  areOneOffsKnown: boolean,
  limits: Limits,
  now: Date,
  deadlines: Date[],
): Step | undefined {
  const key = dyno.id;
  if (dyno.state === "exited") return { kind: "bury", key, dyno, isCrash: false, because: "its run is over" };
  if (dyno.state === "created")
    return { kind: "kill", key, dyno, reason: "never-started", because: "it was made and never started" };
  if (dyno.stoppingSince !== undefined) return killWhenOverdue(dyno, limits, now, deadlines);
  if (dyno.isStranded) return { kind: "kill", key, dyno, reason: "stranded", because: "its network sandbox is gone" };
  if (oneOff === undefined && !areOneOffsKnown) return undefined;
  if (oneOff === undefined)
    return { kind: "kill", key, dyno, reason: "unwanted", because: "nobody wants this run any more" };
  if (oneOff.stopRequested) return { kind: "stop", key, dyno, because: "it was asked to stop" };
  const deadline = new Date((dyno.startedAt ?? dyno.createdAt).getTime() + oneOff.timeLimitSeconds * 1000);
  if (deadline.getTime() <= now.getTime()) {
    return {
      kind: "kill",
      key,
      dyno,
      reason: "time-limit",
      because: `its time limit of ${oneOff.timeLimitSeconds} s is over`,
    };
  }
  deadlines.push(deadline);
  return undefined;
}
