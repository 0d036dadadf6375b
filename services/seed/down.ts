import { networkName } from "../kernel/dyno/container.ts";
import type { ContainerFact, Engine } from "../kernel/engine/port.ts";
import { labels, type Platform } from "../kernel/platform.ts";
import { planDown } from "./down-plan.ts";
import { closeFirewall } from "./firewall.ts";
import { unmountBelow } from "./mounts.ts";
import type { Terminal } from "./terminal.ts";

/** Stopped and removed at a time: more only makes the engine queue. */
const atOnceMax = 8;

/**
 * Stops everything of a platform and takes away what it put into the machine: containers, network, firewall, mounts.
 * The data folder stays as it is. Each part may be gone already. @returns whether there was a container or a mount.
 */
export async function takeDown(engine: Engine, platform: Platform, terminal: Terminal): Promise<boolean> {
  let wasFound = false;
  const timed = async (name: string, work: () => Promise<string>) => {
    const began = performance.now();
    terminal.begin(name);
    try {
      terminal.finish("done", name, await work(), performance.now() - began);
    } catch (error) {
      terminal.finish("failed", name, "", performance.now() - began);
      throw error;
    }
  };
  const ours = () => engine.listContainers({ [labels.platform]: platform.name });
  // Twice: a runtime that was starting something when it was stopped may have left one more.
  for (let turn = 0; turn < 3; turn += 1) {
    const containers = await ours();
    if (containers.length === 0) break;
    wasFound = true;
    for (const wave of planDown(containers)) {
      await timed(`stop ${wave.what}`, async () => {
        const waiting = [...wave.containers];
        const worker = async () => {
          for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
            await stopOne(engine, next, wave.graceMs);
        };
        await Promise.all(Array.from({ length: Math.min(atOnceMax, waiting.length) }, worker));
        return wave.containers.length === 1 ? "" : `${wave.containers.length} containers`;
      });
    }
  }
  await timed("network", async () => {
    await engine.removeNetwork(networkName(platform));
    await closeFirewall(platform);
    return "";
  });
  await timed("mounts", async () => {
    const count = await unmountBelow(platform.dataDir);
    wasFound ||= count > 0;
    return count === 0 ? "" : `${count} unmounted`;
  });
  return wasFound;
}

async function stopOne(engine: Engine, container: ContainerFact, graceMs: number): Promise<void> {
  if (container.state === "running" && graceMs > 0) {
    await engine.killContainer(container.id, "SIGTERM");
    // Over time, or gone meanwhile: the removal below settles both.
    await engine.waitContainer(container.id, AbortSignal.timeout(graceMs)).catch(() => undefined);
  }
  await engine.removeContainer(container.id);
}
