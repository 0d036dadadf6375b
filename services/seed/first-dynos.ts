import { readFile } from "node:fs/promises";
import { dynoContainer, sandboxContainer } from "../kernel/dyno/container.ts";
import type { Dyno, Trust } from "../kernel/dyno/dyno.ts";
import { extractLayers, prepareFilesystem, prepareVolume, releaseFilesystem } from "../kernel/dyno/filesystem.ts";
import type { ContainerFact } from "../kernel/engine/port.ts";
import { labels } from "../kernel/platform.ts";
import type { SystemApp } from "../kernel/system-apps.ts";
import { trustPaths } from "./kinds/trust.ts";
import type { World } from "./world.ts";

/** Containers of one of the platform's apps, running or not. */
export function containersOf(world: World, appName: string): Promise<ContainerFact[]> {
  return world.engine.listContainers({
    [labels.platform]: world.platform.name,
    [labels.kind]: "dyno",
    [labels.appName]: appName,
  });
}

/** Starts a dyno as the runtime would: same container, same files, same labels, so that the runtime takes it for its own. */
export async function startDyno(world: World, system: SystemApp, dyno: Dyno): Promise<void> {
  const { platform, engine } = world;
  for (const former of await containersOf(world, system.name)) {
    await engine.removeContainer(former.id);
    const dynoId = former.labels[labels.dynoId];
    if (dynoId !== undefined) await releaseFilesystem(platform.dataDir, dynoId);
  }
  if (system.volume !== undefined) await prepareVolume(platform.dataDir, system.name);
  if (system.kernel === true) await extractLayers(platform.dataDir, dyno.layers);
  else await prepareFilesystem(platform.dataDir, dyno);
  const sandbox = system.network === "host" ? undefined : await fixedSandbox(world, system);
  const id = await engine.createContainer(dynoContainer(platform, dyno, sandbox, await readTrust(world)));
  await engine.startContainer(id);
}

/** The sandbox at the fixed address of an app; its name is what the runtime looks for, too. */
async function fixedSandbox({ platform, engine }: World, system: SystemApp): Promise<string> {
  const address = system.address?.(platform.subnetPrefix);
  if (address === undefined) throw new Error(`Bug: ${system.name} has no fixed address`);
  const spec = sandboxContainer(platform, system.name, address);
  const found = await engine.inspectContainer(spec.name);
  if (found?.state === "running" && found.address === address) return found.id;
  if (found !== undefined) await engine.removeContainer(found.id);
  const id = await engine.createContainer(spec);
  await engine.startContainer(id);
  return id;
}

async function readTrust({ platform }: World): Promise<Trust> {
  const paths = trustPaths(platform);
  const settings = JSON.parse(await readFile(paths.settings, "utf8")) as Pick<Trust, "dyno" | "build">;
  return { ...settings, hasExtraCa: (await readFile(paths.extraCa, "utf8")) !== "" };
}

/** The last lines that a container printed, for an error that says why it is gone. */
export async function lastWords(world: World, id: string): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const line of world.engine.followOutput(id, { signal: AbortSignal.timeout(2_000) })) {
      lines.push(line.text);
      if (lines.length > 3) lines.shift();
    }
  } catch {
    // What was read until now is what there is.
  }
  return lines.join("; ");
}
