import type { DesiredApp, DesiredOneOff, DesiredRelease } from "../kernel/desired.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import { type Limits, restartAt } from "./limits.ts";
import { type ActualDyno, slotKey, typeOf, type World } from "./world.ts";

/** One thing to do, and why. Each is for one slot, dyno or one-off (`key`), and no two steps of a plan have the same key. */
export type Step =
  | { readonly kind: "start"; readonly key: string; readonly slot: Slot; readonly because: string }
  | { readonly kind: "start-one-off"; readonly key: string; readonly oneOff: DesiredOneOff; readonly because: string }
  | { readonly kind: "lose-one-off"; readonly key: string; readonly oneOff: DesiredOneOff; readonly because: string }
  | { readonly kind: "stop"; readonly key: string; readonly dyno: ActualDyno; readonly because: string }
  | {
      readonly kind: "kill";
      readonly key: string;
      readonly dyno: ActualDyno;
      readonly reason: KillReason;
      readonly because: string;
    }
  | {
      readonly kind: "bury";
      readonly key: string;
      readonly dyno: ActualDyno;
      readonly isCrash: boolean;
      readonly because: string;
    };

/** Ends up in the record of the dyno: why it was killed. */
export type KillReason = "stranded" | "boot-timeout" | "exit-timeout" | "time-limit" | "never-started" | "unwanted";

/** A dyno that a formation wants. */
export interface Slot {
  readonly app: DesiredApp;
  readonly release: DesiredRelease;
  readonly name: string;
  readonly type: string;
  readonly size: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** When a plan made of the same facts would say more: the next deadline, if there is one. */
  readonly lookAgainAt: Date | undefined;
}

/**
 * What to do so that the dynos become what is desired. Pure: it gets every fact and the time. Applying a plan to its world and
 * planning again leaves nothing to do, but for what waits for time or health.
 */
export function plan(world: World, limits: Limits, now: Date): Plan {
  const deadlines: Date[] = [];
  const steps = [...planFormations(world, limits, now, deadlines), ...planOneOffs(world, limits, now, deadlines)];
  const future = deadlines.filter((at) => at.getTime() > now.getTime()).map((at) => at.getTime());
  return {
    steps: steps.filter((step) => !world.busy.has(step.key)),
    lookAgainAt: future.length === 0 ? undefined : new Date(Math.min(...future)),
  };
}

function* planFormations(world: World, limits: Limits, now: Date, deadlines: Date[]): Generator<Step> {
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

/** One-off dynos have four digits; what is left of one whose row is gone must not be taken for a formation's dyno. */
function isOneOffName(name: string, app: DesiredApp | undefined): boolean {
  return (
    /\.\d{4,}$/.test(name) &&
    app?.formation.some((entry) => entry.type === typeOf(name) && entry.quantity >= 1000) !== true
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

function killWhenOverdue(dyno: ActualDyno, limits: Limits, now: Date, deadlines: Date[]): Step | undefined {
  const deadline = new Date((dyno.stoppingSince ?? now).getTime() + limits.stopMs);
  if (deadline.getTime() <= now.getTime()) {
    return {
      kind: "kill",
      key: dyno.id,
      dyno,
      reason: "exit-timeout",
      because: `it did not stop within ${limits.stopMs / 1000} s of SIGTERM`,
    };
  }
  deadlines.push(deadline);
  return undefined;
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

function* planOneOffs(world: World, limits: Limits, now: Date, deadlines: Date[]): Generator<Step> {
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
