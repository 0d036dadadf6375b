import { randomUUID } from "node:crypto";
import { dynoContainer } from "../kernel/dyno/container.ts";
import type { Dyno } from "../kernel/dyno/dyno.ts";
import { extractLayers, prepareFilesystem, prepareVolume, releaseFilesystem } from "../kernel/dyno/filesystem.ts";
import { platformAppName, systemAppNamed } from "../kernel/system-apps.ts";
import { bury, remove } from "./bury.ts";
import { readTrust } from "./config.ts";
import { type Hands, say } from "./hands.ts";
import { formationDyno, oneOffDyno } from "./make-dyno.ts";
import type { Step } from "./plan.ts";
import type { DynoRecord } from "./records.ts";
import type { Sandbox } from "./sandboxes.ts";

type Executors = { readonly [K in Step["kind"]]: (step: Extract<Step, { kind: K }>, hands: Hands) => Promise<void> };

const executors: Executors = {
  start: (step, hands) => start(formationDyno(step.slot, randomUUID(), hands.now(), hands.seal), hands, undefined),
  "start-one-off": async (step, hands) => {
    const dyno = oneOffDyno(step.oneOff, hands.now(), hands.seal);
    hands.memory.timeLimits.set(dyno.id, step.oneOff.timeLimitSeconds);
    await start(dyno, hands, async () => {
      // Recorded before it runs: what may have begun is never begun again.
      hands.records.set(recordOf(dyno, "starting", undefined));
      await hands.records.flush();
    });
  },
  "lose-one-off": async ({ oneOff }, hands) => {
    const dyno = oneOffDyno(oneOff, hands.now(), hands.seal);
    hands.memory.endedOneOffs.add(oneOff.id);
    if (oneOff.buildAppId !== undefined) hands.forwarder.push({ channel: oneOff.logChannel, end: true });
    const why = oneOff.started ? "lost: the machine or its engine went down" : "cancelled";
    hands.records.set({ ...recordOf(dyno, "crashed", undefined), exitReason: why });
  },
  stop,
  kill: async ({ dyno, reason }, hands) => {
    hands.memory.killed.set(dyno.id, reason);
    if (reason === "boot-timeout") {
      const seconds = hands.limits.bootMs / 1000;
      say(
        hands,
        dyno,
        `Error R10 (Boot timeout) -> Web process failed to bind to $PORT within ${seconds} seconds of launch`,
      );
    }
    if (reason === "exit-timeout") {
      say(
        hands,
        dyno,
        `Error R12 (Exit timeout) -> At least one process failed to exit within ${hands.limits.stopMs / 1000} seconds of SIGTERM`,
      );
    }
    if (dyno.state === "created") return remove(dyno, hands);
    say(hands, dyno, "Stopping process with SIGKILL");
    await hands.engine.killContainer(dyno.containerId, "SIGKILL");
    await hands.engine.waitContainer(dyno.containerId, AbortSignal.timeout(10_000)).catch(() => {});
  },
  bury,
};

/** Carries one step out. @throws Error when it can't be done now; planning again is the retry. */
export function applyStep<K extends Step["kind"]>(step: Extract<Step, { kind: K }>, hands: Hands): Promise<void> {
  const execute = executors[step.kind] as (step: Extract<Step, { kind: K }>, hands: Hands) => Promise<void>;
  return execute(step, hands);
}

async function start(dyno: Dyno, hands: Hands, beforeStart: (() => Promise<void>) | undefined): Promise<void> {
  const { engine, platform } = hands;
  const system = dyno.system ? systemAppNamed(dyno.appName) : undefined;
  const isKernel = system?.kernel === true && dyno.type === system.name;
  const place = isKernel ? undefined : hands.sandboxes.take(system);
  try {
    const [sandbox, trust] = await Promise.all([
      place,
      readTrust(platform.dataDir),
      prepareFiles(dyno, hands, isKernel, system?.volume === undefined ? undefined : system.name),
    ]);
    if (system !== undefined && sandbox !== undefined) await hands.admit(system.name, sandbox.address);
    await beforeStart?.();
    const containerId = await engine.createContainer(dynoContainer(platform, dyno, sandbox?.id, trust));
    say(hands, dyno, `Starting process with command \`${dyno.command}\``);
    await engine.startContainer(containerId);
    hands.outputs.follow(containerId, hands.targetOf(dyno));
    hands.records.set(recordOf(dyno, "starting", sandbox));
  } catch (error) {
    const sandbox = await place?.catch(() => undefined);
    if (sandbox !== undefined && system?.network !== "ingress" && system?.address === undefined) {
      await engine.removeContainer(sandbox.id).catch(() => {});
    }
    await releaseFilesystem(platform.dataDir, dyno.id).catch(() => {});
    tellFailed(dyno, hands, beforeStart !== undefined);
    throw error;
  }
}

/**
 * A dyno that could not be started: whoever waits for it is told, in the app's log and in its record; why is in the runtime's own log.
 * A run wanted once is over by that, since it may have begun; a formation's dyno is tried again later.
 */
function tellFailed(dyno: Dyno, hands: Hands, isOneOff: boolean): void {
  hands.records.set({ ...recordOf(dyno, "crashed", undefined), exitReason: "could not be started (R99)" });
  say(hands, dyno, "Error R99 (Platform error) -> Failed to start the dyno");
  if (!isOneOff) return;
  hands.memory.endedOneOffs.add(dyno.id);
  const { channel, endsChannel } = hands.targetOf(dyno);
  if (endsChannel) hands.forwarder.push({ channel, end: true });
}

async function prepareFiles(dyno: Dyno, hands: Hands, isKernel: boolean, volume: string | undefined): Promise<void> {
  const { dataDir } = hands.platform;
  const own = hands.platformAppId();
  // A part of the platform runs the slug that the app `quine` was built to.
  const slugs = dyno.system || dyno.appName === "compiler" ? `slugs/${own ?? platformAppName}` : `slugs/${dyno.appId}`;
  const builds =
    dyno.build === undefined
      ? []
      : [...dyno.build.layers, ...(dyno.build.cache === undefined ? [] : [dyno.build.cache])];
  const repositories = [
    slugs,
    ...(dyno.build === undefined ? [] : [`slugs/${dyno.build.appId}`, `caches/${dyno.build.appId}`]),
  ];
  await hands.layers.fetch([...dyno.layers, ...builds], repositories);
  if (isKernel) await extractLayers(dataDir, dyno.layers);
  else await prepareFilesystem(dataDir, dyno, hands.disks.take(dyno.size.diskBytes));
  if (volume !== undefined) await prepareVolume(dataDir, volume);
}

async function stop({ dyno, because }: Extract<Step, { kind: "stop" }>, hands: Hands): Promise<void> {
  if (dyno.id === hands.selfId) return hands.stepBack();
  hands.log.info("stop a dyno", { app: dyno.appName, dyno: dyno.name, because });
  const record = hands.records.get(dyno.id);
  if (record !== undefined && dyno.state === "up" && dyno.port !== undefined) {
    hands.records.set({ ...record, state: "stopping" });
    await hands.records.flush().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, hands.routeSwitchMs));
  }
  say(hands, dyno, "Stopping all processes with SIGTERM");
  hands.memory.stopping.set(dyno.id, hands.now());
  await hands.engine.killContainer(dyno.containerId, "SIGTERM");
}

function recordOf(dyno: Dyno, state: DynoRecord["state"], sandbox: Sandbox | undefined): DynoRecord {
  return {
    id: dyno.id,
    appId: dyno.appId,
    releaseId: dyno.releaseId,
    releaseVersion: dyno.releaseVersion,
    name: dyno.name,
    type: dyno.type,
    command: dyno.command,
    size: dyno.size.name,
    state,
    address: sandbox?.address,
    port: dyno.port,
    createdAt: dyno.createdAt,
  };
}
