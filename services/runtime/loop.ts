import type { DesiredState } from "../kernel/desired.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import { applyStep } from "./apply.ts";
import type { Doors } from "./doors.ts";
import { type Hands, say } from "./hands.ts";
import { portBound, socketBound } from "./health.ts";
import { type Observed, observe } from "./observe.ts";
import { plan, type Step } from "./plan.ts";
import type { ActualDyno, World } from "./world.ts";

const stepsAtOnceMax = 6;
const turnEveryMs = 2_000;
const layerBytesMax = 8 * 1024 * 1024 * 1024;

/** observe → plan → apply, over and over. A wake-up only says "look": each turn takes in everything. */
export interface Loop {
  wake(): void;
  /** Runs until the signal aborts; steps under way are finished. */
  run(signal: AbortSignal): Promise<void>;
  /** The turns that went through so far: how a new leader knows that it can do its work. */
  turnsDone(): number;
}

export function createLoop(
  hands: Hands,
  doors: Doors,
  desiredNow: () => DesiredState | undefined,
  standbySocket: (dynoId: string) => string,
): Loop {
  const { engine, platform, memory, log } = hands;
  let woken: (() => void) | undefined;
  let isWoken = false;
  let turns = 0;
  const underWay = new Set<Promise<void>>();
  const watching = new Set<string>();

  function wake(): void {
    isWoken = true;
    woken?.();
  }

  async function turn(signal: AbortSignal): Promise<Date | undefined> {
    const desired = desiredNow();
    // Without a desired state nothing is known, which is not the same as nothing being wanted.
    if (desired === undefined) return undefined;
    const busy = new Set(memory.busy);
    const observed = await observe(engine, platform, memory);
    await hands.sandboxes.keepIngress(observed);
    await doors.see(observed.dynos);
    await adoptHealth(observed, signal);
    const now = hands.now();
    const world: World = {
      desired,
      dynos: observed.dynos,
      crashes: memory.crashes,
      busy: new Set([...busy, ...memory.busy]),
      endedOneOffs: memory.endedOneOffs,
      selfId: hands.selfId,
    };
    const { steps, lookAgainAt } = plan(world, hands.limits, now);
    for (const step of steps.slice(0, Math.max(0, stepsAtOnceMax - underWay.size))) begin(step);
    void recordSoon();
    // Neither waits for the other: a start must not wait for sandboxes that are made for later ones.
    if (underWay.size === 0) void hands.sandboxes.tend(observed, () => underWay.size === 0).catch(cannotTend);
    turns += 1;
    return lookAgainAt;
  }

  function begin(step: Step): void {
    memory.busy.add(step.key);
    if (step.kind !== "stop") log.info(step.kind, { key: step.key, because: step.because });
    const work = applyStep(step as never, hands)
      .catch((error: Error) => {
        log.error(`cannot ${step.kind}`, { key: step.key, because: step.because, why: error.message });
        if (step.kind === "start") backOffAfterFailure(step);
      })
      .finally(() => {
        memory.busy.delete(step.key);
        underWay.delete(work);
        wake();
      });
    underWay.add(work);
  }

  /** A dyno that could not even be made counts as a crash of its place: the next try waits. */
  function backOffAfterFailure(step: Extract<Step, { kind: "start" }>): void {
    const before = memory.crashes.get(step.key);
    const count = before?.releaseId === step.slot.release.id ? before.count + 1 : 2;
    memory.crashes.set(step.key, { releaseId: step.slot.release.id, count, lastAt: hands.now() });
  }

  /** Watches each running dyno until it is up, and its output. */
  async function adoptHealth(observed: Observed, signal: AbortSignal): Promise<void> {
    for (const dyno of observed.dynos) {
      if (dyno.state !== "starting" && dyno.state !== "up") continue;
      hands.outputs.follow(dyno.containerId, hands.targetOf(dyno));
      if (dyno.state === "up" || watching.has(dyno.id)) continue;
      if (!memory.watched.has(dyno.id)) memory.watched.set(dyno.id, hands.now());
      watching.add(dyno.id);
      void becomeUp(dyno, signal).finally(() => watching.delete(dyno.id));
    }
  }

  async function becomeUp(dyno: ActualDyno, signal: AbortSignal): Promise<void> {
    const watch = new AbortController();
    const ended = new AbortController();
    const stopped = AbortSignal.any([signal, watch.signal]);
    void engine
      .waitContainer(dyno.containerId, stopped)
      .catch(() => {})
      .finally(() => ended.abort());
    const isUp = await proved(dyno, AbortSignal.any([stopped, ended.signal])).finally(() => watch.abort());
    if (!isUp || signal.aborted) return;
    memory.up.set(dyno.id, hands.now());
    const record = hands.records.get(dyno.id);
    if (record !== undefined && record.state === "starting") {
      say(hands, dyno, "State changed from starting to up");
      hands.records.set({ ...record, state: "up", address: dyno.address ?? record.address });
    }
    void recordSoon();
    wake();
  }

  let isAway = false;
  /** The database may be away for long; nothing waits for it here, and it is told once. */
  async function recordSoon(): Promise<void> {
    try {
      await hands.records.flush();
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn("cannot record dynos, they wait", { why: (error as Error).message });
      isAway = true;
    }
  }

  const cannotTend = (error: Error) => log.warn("cannot make sandboxes ahead", { why: error.message });

  async function proved(dyno: ActualDyno, signal: AbortSignal): Promise<boolean> {
    const system = systemAppNamed(dyno.appName);
    if (system?.kernel === true && dyno.type === system.name) {
      // This runtime has proved itself when it has led a few turns through; its predecessor is stopped only then.
      return dyno.id === hands.selfId ? turns >= 3 : socketBound(standbySocket(dyno.id), signal);
    }
    if (dyno.port === undefined) return true;
    return dyno.address === undefined ? false : portBound(dyno.address, dyno.port, signal);
  }

  async function housekeeping(): Promise<void> {
    doors.distrust();
    const desired = desiredNow();
    if (desired === undefined) return;
    const wanted = desired.apps
      .flatMap((app) => app.release?.layers ?? [])
      .map((layer) => layer.digest.slice("sha256:".length));
    const observed = await observe(engine, platform, memory);
    const running = observed.dynos.flatMap((dyno) => dyno.layerHexes);
    if (underWay.size === 0) await hands.layers.prune(new Set([...wanted, ...running]), layerBytesMax);
  }

  return {
    wake,
    turnsDone: () => turns,
    async run(signal) {
      signal.addEventListener("abort", wake, { once: true });
      let housekeptAt = hands.now().getTime();
      while (!signal.aborted) {
        isWoken = false;
        let lookAgainAt: Date | undefined;
        try {
          lookAgainAt = await turn(signal);
          if (hands.now().getTime() - housekeptAt > 30_000) {
            housekeptAt = hands.now().getTime();
            await housekeeping();
          }
        } catch (error) {
          log.error("a turn failed, the next one tries again", { why: (error as Error).message });
        }
        if (isWoken || signal.aborted) continue;
        const untilDeadline = lookAgainAt === undefined ? turnEveryMs : lookAgainAt.getTime() - hands.now().getTime();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(1, Math.min(turnEveryMs, untilDeadline)));
          woken = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      await Promise.allSettled(underWay);
    },
  };
}
