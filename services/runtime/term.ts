import type { DesiredState } from "../kernel/desired.ts";
import type { Engine } from "../kernel/engine/port.ts";
import type { Logger } from "../kernel/log.ts";
import { dataPaths, labels } from "../kernel/platform.ts";
import type { Database } from "../kernel/postgres.ts";
import { createRegistry } from "../kernel/registry.ts";
import { createSeal } from "../kernel/seal.ts";
import { platformAppName } from "../kernel/system-apps.ts";
import type { Config } from "./config.ts";
import { createDesiredSource } from "./desired-source.ts";
import { createDisks } from "./disks.ts";
import { createDoors } from "./doors.ts";
import { createFirewall } from "./firewall.ts";
import { createForwarder } from "./forward.ts";
import type { Hands } from "./hands.ts";
import { createLayerStore } from "./layers.ts";
import { defaultLimits } from "./limits.ts";
import { createLoop } from "./loop.ts";
import { emptyMemory } from "./memory.ts";
import { observe } from "./observe.ts";
import { createOutputs } from "./output.ts";
import { loadPositions, savePositions } from "./positions.ts";
import { createRecords, type DynoRecord } from "./records.ts";
import { createSandboxes } from "./sandboxes.ts";
import { type ActualDyno, slotKey } from "./world.ts";

/** How a term of leading ended: told to stop, or the plan wants another runtime in this one's place. */
export type TermEnd = "stopped" | "stepped-back";

/**
 * One term as the leading runtime, from the moment it has the lead to the moment it gives it up.
 * @param failedSuccessor dyno id of a runtime that took the lead from this one and lost it: it has crashed, whatever it says.
 */
export async function lead(
  config: Config,
  engine: Engine,
  database: Database,
  log: Logger,
  failedSuccessor: string | undefined,
  signal: AbortSignal,
): Promise<TermEnd> {
  const { platform } = config;
  const end = new AbortController();
  const over = AbortSignal.any([signal, end.signal]);
  let hasSteppedBack = false;

  const memory = emptyMemory();
  const positions = await loadPositions(platform.dataDir);
  const forwarder = createForwarder(config.logsUrl, config.logsToken, log);
  const desired = createDesiredSource(database, platform.dataDir, log);
  const doors = createDoors(createFirewall(platform));
  const hands: Hands = {
    engine,
    platform,
    memory,
    forwarder,
    log,
    layers: createLayerStore(platform.dataDir, createRegistry(config.registryUrl)),
    disks: createDisks(platform.dataDir, config.sandboxesReady),
    sandboxes: createSandboxes(engine, platform, config.sandboxesReady),
    records: createRecords(database),
    outputs: createOutputs(engine, forwarder, positions),
    limits: defaultLimits,
    seal: createSeal(config.sealKey),
    admit: doors.admit,
    targetOf: (dyno) => {
      const oneOff = desired.current()?.oneOffs.find((wanted) => wanted.id === dyno.id);
      const channel = oneOff?.logChannel ?? `app:${dyno.appId}`;
      return { channel, process: dyno.name, endsChannel: channel.startsWith("build:") };
    },
    platformAppId: () => desired.current()?.apps.find((app) => app.name === platformAppName)?.id,
    selfId: config.dynoId,
    stepBack: () => {
      hasSteppedBack = true;
      end.abort();
    },
    now: () => new Date(),
    routeSwitchMs: 300,
  };
  const loop = createLoop(hands, doors, desired.current, (dynoId) => standbySocket(platform.dataDir, dynoId));

  if (failedSuccessor !== undefined) await buryFailedSuccessor(hands, failedSuccessor);
  void watchForever(engine, platform.name, loop.wake, over);
  void adoptRecords(hands, desired.current, over);
  const saving = setInterval(() => void savePositions(platform.dataDir, positions).catch(() => {}), 2_000);
  await Promise.all([desired.run(loop.wake, over), loop.run(over)]);
  clearInterval(saving);
  hands.outputs.stop();
  await hands.records.flush().catch(() => {});
  await forwarder.close(2_000);
  await savePositions(platform.dataDir, positions).catch(() => {});
  return hasSteppedBack && !signal.aborted ? "stepped-back" : "stopped";
}

/** The socket by which a runtime that stands by says that it could lead. */
export function standbySocket(dataDir: string, dynoId: string): string {
  return `${dataPaths.runtime(dataDir)}/${dynoId}.sock`;
}

/** Wakes the loop at every change of the platform's containers; comes back after the engine was away. */
async function watchForever(engine: Engine, name: string, wake: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of engine.watch({ [labels.platform]: name }, signal)) wake();
    } catch {
      // The engine is away; the loop's timer goes on meanwhile.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Once the database answers: takes in its records of dynos, and ends those of dynos that are gone. */
async function adoptRecords(hands: Hands, desired: () => DesiredState | undefined, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { dynos } = await observe(hands.engine, hands.platform, hands.memory);
      await hands.records.adopt(new Set(dynos.map((dyno) => dyno.id)));
      // What was started while the database was away, by a runtime that then ended, has no record yet.
      for (const dyno of dynos) {
        if (dyno.state !== "exited" && hands.records.get(dyno.id) === undefined) {
          hands.records.set({
            ...recordFound(dyno, desired()),
            state: hands.memory.up.has(dyno.id) ? "up" : "starting",
          });
        }
      }
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The lead came back to its former holder: the one that had it has failed, and is not handed it again at once. */
async function buryFailedSuccessor(hands: Hands, dynoId: string): Promise<void> {
  const { dynos } = await observe(hands.engine, hands.platform, hands.memory);
  const failed = dynos.find((dyno) => dyno.id === dynoId);
  if (failed === undefined) return;
  hands.log.error("the runtime that took over has failed; this one leads again", {
    dyno: failed.name,
    release: failed.releaseVersion,
  });
  hands.memory.crashes.set(slotKey(failed.appId, failed.name), {
    releaseId: failed.releaseId,
    count: 4,
    lastAt: hands.now(),
  });
  hands.records.set({
    ...recordFound(failed, undefined),
    state: "crashed",
    exitReason: "lost the lead right after taking it",
  });
  await hands.engine.removeContainer(failed.containerId);
}

/** The record of a dyno as it is found running; what its container does not tell is taken from what is desired. */
function recordFound(dyno: ActualDyno, desired: DesiredState | undefined): DynoRecord {
  const app = desired?.apps.find((one) => one.id === dyno.appId);
  return {
    id: dyno.id,
    appId: dyno.appId,
    releaseId: dyno.releaseId,
    releaseVersion: dyno.releaseVersion,
    name: dyno.name,
    type: dyno.type,
    command: app?.release?.processTypes[dyno.type] ?? "",
    size: app?.formation.find((entry) => entry.type === dyno.type)?.size ?? "basic",
    state: "starting",
    address: dyno.address,
    port: dyno.port,
    createdAt: dyno.createdAt,
  };
}
