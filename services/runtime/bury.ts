import { releaseFilesystem } from "../kernel/dyno/filesystem.ts";
import { sizeNamed } from "../kernel/sizes.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import { exitReason } from "./exit-reason.ts";
import { type Hands, say } from "./hands.ts";
import { countCrash } from "./memory.ts";
import type { Step } from "./plan.ts";
import { type ActualDyno, slotKey } from "./world.ts";

/** Records why a dyno ended, then removes what is left of it: first its sandbox, so that no crash in between lets it be used again. */
export async function bury({ dyno, isCrash }: Extract<Step, { kind: "bury" }>, hands: Hands): Promise<void> {
  const { memory, records } = hands;
  const record = records.get(dyno.id);
  const target = hands.targetOf(dyno);
  // A dyno that ended before its output was followed still has its last words.
  hands.outputs.follow(dyno.containerId, target);
  await Promise.race([
    hands.outputs.ended(dyno.containerId),
    new Promise((resolve) => setTimeout(resolve, 5_000).unref()),
  ]);
  const reason = exitReason({
    killed: memory.killed.get(dyno.id),
    isOutOfMemory: dyno.isOutOfMemory,
    exitStatus: dyno.exitStatus,
    memoryBytes: sizeNamed(record?.size ?? "basic")?.memoryBytes ?? 0,
    timeLimitSeconds: memory.timeLimits.get(dyno.id),
    bootMs: hands.limits.bootMs,
  });
  say(hands, dyno, `Process exited with status ${dyno.exitStatus ?? "unknown"}`);
  if (isCrash) {
    const crash = countCrash(memory, slotKey(dyno.appId, dyno.name), dyno, hands.now(), hands.limits.crashResetMs);
    say(hands, dyno, `State changed from ${memory.up.has(dyno.id) ? "up" : "starting"} to crashed`);
    hands.log.warn("a dyno crashed", {
      app: dyno.appName,
      dyno: dyno.name,
      reason: reason ?? "exit status 0",
      count: crash.count,
    });
  }
  const isOneOff = target.endsChannel || /\.\d{4,}$/.test(dyno.name);
  if (isOneOff) memory.endedOneOffs.add(dyno.id);
  if (record !== undefined) {
    records.set({
      ...record,
      state: isCrash ? "crashed" : "complete",
      ...(dyno.exitStatus === undefined ? {} : { exitStatus: dyno.exitStatus }),
      ...(reason === undefined ? {} : { exitReason: reason }),
    });
    // What ran once is only forgotten here when the database knows that it ran.
    if (isOneOff) await records.flush();
  }
  await remove(dyno, hands);
}

/** Removes all that a dyno had: its sandbox, its container, its files, what is remembered of it. */
export async function remove(dyno: ActualDyno, hands: Hands): Promise<void> {
  const { engine, memory, platform } = hands;
  const system = systemAppNamed(dyno.appName);
  const hasOwnSandbox =
    dyno.sandboxId !== undefined &&
    system?.network !== "ingress" &&
    (system?.address === undefined || system.name !== dyno.type);
  if (hasOwnSandbox && dyno.sandboxId !== undefined) await engine.removeContainer(dyno.sandboxId);
  await engine.removeContainer(dyno.containerId);
  await releaseFilesystem(platform.dataDir, dyno.id);
  memory.up.delete(dyno.id);
  memory.stopping.delete(dyno.id);
  memory.watched.delete(dyno.id);
  memory.killed.delete(dyno.id);
  memory.timeLimits.delete(dyno.id);
}
