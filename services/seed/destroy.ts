import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Engine } from "../kernel/engine/port.ts";
import { dataPaths, type Platform } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";
import { parseObject } from "../kernel/read-json.ts";
import { runProgram } from "../kernel/run-program.ts";
import type { Request } from "./arguments.ts";
import { askLine } from "./ask.ts";
import { takeDown } from "./down.ts";
import { readMounts } from "./mounts.ts";
import { readPlatformFile, readSaved } from "./saved.ts";
import { defaults } from "./settle.ts";
import type { Terminal } from "./terminal.ts";

/** What is to be destroyed: a whole platform, or what is left of one whose data folder is gone or damaged. */
export async function destroyable(
  request: Request,
  engineSocket: string,
): Promise<{ platform: Platform; hasData: boolean }> {
  const dataDir = request.wanted.dataDir ?? defaults.dataDir;
  const { name } = request.wanted;
  const damaged = name === undefined ? undefined : await damagedPlatform(dataDir, name);
  const saved = damaged !== undefined ? undefined : await readSaved(dataDir);
  if (saved !== undefined) {
    if (name !== undefined && name !== saved.name)
      throw new Problem(
        "conflict",
        `The platform in ${dataDir} is called ${saved.name}, not ${name}: give its own --data`,
      );
    return { platform: saved, hasData: true };
  }
  if (name === undefined)
    throw new Problem(
      "not_found",
      existsSync(dataDir)
        ? `${dataDir} is not a platform's data folder, so it stays untouched: say where the platform is with --data`
        : `There is no platform in ${dataDir}: say where it is with --data, or name one that has lost its data with --name`,
    );
  const rest = { name, dataDir, engineSocket, subnetPrefix: "10.0", stackImage: "" };
  return { platform: { ...defaults, ...rest }, hasData: damaged?.hasData ?? false };
}

/**
 * A folder with a description that cannot be read; `hasData`: all the same it is a platform's, with layers or the runtime's folder.
 * @throws Problem when the name that can still be made out in the description is another one.
 */
async function damagedPlatform(dataDir: string, name: string): Promise<{ hasData: boolean } | undefined> {
  const text = await readPlatformFile(dataDir);
  if (text === undefined || parseObject(text) !== undefined) return undefined;
  const written = /"name":\s*"([^"]*)"/.exec(text)?.[1];
  if (written !== undefined && written !== name)
    throw new Problem("conflict", `The platform in ${dataDir} is called ${written}, not ${name}: give its own --data`);
  return { hasData: existsSync(dataPaths.layers(dataDir)) || existsSync(dataPaths.runtime(dataDir)) };
}

/** @throws Problem when nobody has said, in a way that is no accident, that this platform shall go. */
export async function confirmDestroy(request: Request, platform: Platform, terminal: Terminal): Promise<void> {
  if (request.confirm !== undefined) {
    if (request.confirm !== platform.name)
      throw new Problem(
        "bad_request",
        `--confirm says ${request.confirm}, but the platform is called ${platform.name}: nothing was destroyed`,
      );
    return;
  }
  if (request.yes) return;
  if (!terminal.isInteractive)
    throw new Problem(
      "conflict",
      `Destroying ${platform.name} deletes all its apps and data: give --confirm ${platform.name}`,
    );
  terminal.line(`This deletes the platform ${platform.name} with all its apps and data in ${platform.dataDir}.`);
  const answer = await askLine(`Type ${platform.name} to go on: `);
  if (answer.trim() !== platform.name) throw new Problem("conflict", "That is not its name: nothing was destroyed");
}

/**
 * Removes a platform without trace. The engine, its images and Debian's packages stay.
 * @throws Problem not_found when there was nothing of it.
 */
export async function destroy(engine: Engine, platform: Platform, hasData: boolean, terminal: Terminal): Promise<void> {
  const wasFound = await takeDown(engine, platform, terminal);
  await detachLoops(platform.dataDir);
  if (!hasData) {
    if (wasFound) return;
    throw new Problem(
      "not_found",
      `There is no platform ${platform.name}: no container, mount or data of it was found`,
    );
  }
  const began = performance.now();
  // Never through a mount: what is mounted here is somebody's who still uses it.
  const left = (await readMounts()).filter(
    ({ point }) => point === platform.dataDir || point.startsWith(`${platform.dataDir}/`),
  );
  if (left.length > 0)
    throw new Problem(
      "conflict",
      `${left[0]?.point} is still mounted, so ${platform.dataDir} was not deleted: unmount it and try again`,
    );
  await rm(platform.dataDir, { recursive: true, force: true });
  terminal.finish("done", "data folder", `${platform.dataDir} deleted`, performance.now() - began);
}

/** Loop devices end with their mounts; one that a killed mount left behind would keep the space of its deleted file. */
async function detachLoops(dataDir: string): Promise<void> {
  const listed = await runProgram("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"]).catch(() => "");
  for (const line of listed.split("\n")) {
    const [device, file] = line.trim().split(/\s+/);
    if (device !== undefined && file?.startsWith(`${dataDir}/`))
      await runProgram("losetup", ["--detach", device]).catch(() => "");
  }
}
