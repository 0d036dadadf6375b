import type { DesiredApp } from "../kernel/desired.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import { isOneOffName, killWhenOverdue } from "./fate.ts";
import { type Limits, restartAt } from "./limits.ts";
import type { Slot, Step } from "./plan.ts";
import { type ActualDyno, slotKey, type World } from "./world.ts";

/** What to do for the dynos that formations want, and for those that none wants any more. Deadlines met on the way are added to `deadlines`. */
export function* planFormations(world: World, limits: Limits, now: Date, deadlines: Date[]): Generator<Step> {
  const oneOffIds = new Set(world.desired.oneOffs.map((oneOff) => oneOff.id));
  const slots = new Map(world.desired.apps.flatMap(slotsOf).map((slot) => [slotKey(slot.app.id, slot.name), slot]));
  const apps = new Map(world.desired.apps.map((app) => [app.id, app]));
  const bySlot = new Map<string, ActualDyno[]>();
  for (const dyno of world.dynos) {
    if (oneOffIds.has(dyno.id) || isOneOffName(dyno.name, apps.get(dyno.appId))) continue;
    const key = slotKey(dyno.appId, dyno.name);
    bySlot.set(key, [...(bySlot.get(key) ?? []), dyno]);
  }
  for (const [key, dynos] of bySlot) {
    const slot = slots.get(key);
    for (const dyno of dynos) {
      // A start under way in this place has made it and is about to start it.
      if (dyno.state === "created" && world.busy.has(key)) continue;
      const fate = fateOf(dyno, slot, dynos, limits, now, deadlines);
      if (fate !== undefined) yield fate;
    }
  }
  for (const [key, slot] of slots) {
    const step = startOf(key, slot, bySlot.get(key) ?? [], world, limits, now, deadlines);
    if (step !== undefined) yield step;
  }
}

/** Every dyno the app should have, in order of boot. */
function slotsOf(app: DesiredApp): Slot[] {
  const { release } = app;
  if (release === undefined) return [];
  return app.formation
    .filter((entry) => release.processTypes[entry.type] !== undefined)
    .flatMap((entry) =>
      Array.from({ length: entry.quantity }, (_, index) => ({
        app,
        release,
        name: `${entry.type}.${index + 1}`,
        type: entry.type,
        size: entry.size,
      })),
    );
}

/** What becomes of a dyno: the first row that fits. */
function fateOf(
  dyno: ActualDyno,
  slot: Slot | undefined,
  neighbours: readonly ActualDyno[],
  limits: Limits,
  now: Date,
  deadlines: Date[],
): Step | undefined {
  const key = dyno.id;
  if (dyno.state === "exited") {
    const wasAsked = dyno.stoppingSince !== undefined;
    return {
      kind: "bury",
      key,
      dyno,
      isCrash: !wasAsked && slot !== undefined,
      because: wasAsked ? "it stopped as asked" : "it ended by itself",
    };
  }
  if (dyno.state === "created")
    return { kind: "kill", key, dyno, reason: "never-started", because: "it was made and never started" };
  if (dyno.stoppingSince !== undefined) return killWhenOverdue(dyno, limits, now, deadlines);
  if (dyno.isStranded) return { kind: "kill", key, dyno, reason: "stranded", because: "its network sandbox is gone" };
  const stop = (because: string): Step => ({ kind: "stop", key, dyno, because });
  if (slot === undefined) return stop(`no formation wants ${dyno.appName} ${dyno.name}`);
  if (isKeeper(dyno, slot)) {
    const better = neighbours.find(
      (other) => other !== dyno && isKeeper(other, slot) && isAlive(other) && comesBefore(other, dyno),
    );
    if (better !== undefined) return stop("another dyno of this release is in its place");
    if (dyno.state === "starting" && dyno.port !== undefined && dyno.watchedSince !== undefined) {
      const deadline = new Date(dyno.watchedSince.getTime() + limits.bootMs);
      if (deadline.getTime() <= now.getTime())
        return { kind: "kill", key, dyno, reason: "boot-timeout", because: "it did not bind its port in time" };
      deadlines.push(deadline);
    }
    return undefined;
  }
  if (isStopFirst(slot)) return stop(`release v${slot.release.version} takes its place, one at a time`);
  const successor = neighbours.find((other) => isKeeper(other, slot) && other.state === "up");
  return successor === undefined ? undefined : stop(`release v${slot.release.version} is up in its place`);
}

/** Of the slot's current release and not asked to be restarted since it was made. */
function isKeeper(dyno: ActualDyno, slot: Slot): boolean {
  if (dyno.releaseId !== slot.release.id || dyno.stoppingSince !== undefined) return false;
  return !slot.app.restarts.some(
    (restart) =>
      (restart.name === undefined || restart.name === dyno.name) &&
      (restart.type === undefined || restart.type === dyno.type) &&
      new Date(restart.requestedAt).getTime() > dyno.createdAt.getTime(),
  );
}

function isAlive(dyno: ActualDyno): boolean {
  return dyno.state === "starting" || dyno.state === "up";
}

/** The one that is up stays; then the older, then by id, so that exactly one stays. */
function comesBefore(a: ActualDyno, b: ActualDyno): boolean {
  if ((a.state === "up") !== (b.state === "up")) return a.state === "up";
  if (a.createdAt.getTime() !== b.createdAt.getTime()) return a.createdAt.getTime() < b.createdAt.getTime();
  return a.id < b.id;
}

function isStopFirst(slot: Slot): boolean {
  return slot.app.system && systemAppNamed(slot.app.name)?.rollout === "stop-first";
}

function startOf(
  key: string,
  slot: Slot,
  dynos: readonly ActualDyno[],
  world: World,
  limits: Limits,
  now: Date,
  deadlines: Date[],
): Step | undefined {
  if (dynos.some((dyno) => isKeeper(dyno, slot))) return undefined;
  if (isStopFirst(slot) && dynos.length > 0) return undefined;
  const crash = world.crashes.get(key);
  if (crash !== undefined && crash.releaseId === slot.release.id) {
    const at = restartAt(crash, slot.app.system ? limits.systemBackoffMs : limits.tenantBackoffMs);
    if (at.getTime() > now.getTime()) {
      deadlines.push(at);
      return undefined;
    }
    return {
      kind: "start",
      key,
      slot,
      because: `it crashed ${crash.count} time${crash.count === 1 ? "" : "s"} and its wait is over`,
    };
  }
  return {
    kind: "start",
    key,
    slot,
    because:
      dynos.length > 0 ? `release v${slot.release.version} replaces an older dyno` : `the formation wants ${slot.name}`,
  };
}
