import { readFile } from "node:fs/promises";
import { dataPaths, type Platform } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";
import { parseObject } from "../kernel/read-json.ts";
import { defaults, type Wanted } from "./settle.ts";

/** The platform in a data folder, or undefined when none was made there. @throws Problem when its description cannot be read. */
export async function readSaved(dataDir: string): Promise<Platform | undefined> {
  const path = dataPaths.platform(dataDir);
  const text = await readPlatformFile(dataDir);
  if (text === undefined) return undefined;
  const platform = parseObject(text) as Platform | undefined;
  if (platform === undefined)
    throw new Problem(
      "conflict",
      `${path} is damaged, it holds no JSON object: restore it from a backup, or begin anew with bin/quine destroy --name NAME --data ${dataDir}`,
    );
  // Its paths are mounted and deleted: a folder that was moved or copied is not what it says.
  if (platform.dataDir !== dataDir)
    throw new Problem(
      "conflict",
      `${path} describes a platform in ${platform.dataDir}: a data folder cannot be moved or copied`,
    );
  return platform;
}

/** What stands in `platform.json`; undefined when there is none. */
export async function readPlatformFile(dataDir: string): Promise<string | undefined> {
  const path = dataPaths.platform(dataDir);
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    if (error.code === "EACCES") throw new Problem("forbidden", `${path} cannot be read: run as root`);
    throw error;
  });
}

/** @throws Problem not_found when there is no platform where the request says. */
export async function requireSaved(wanted: Wanted): Promise<Platform> {
  const dataDir = wanted.dataDir ?? defaults.dataDir;
  const saved = await readSaved(dataDir);
  if (saved === undefined)
    throw new Problem(
      "not_found",
      `There is no platform in ${dataDir}: start one with bin/quine up, or say where it is with --data`,
    );
  if (wanted.name !== undefined && wanted.name !== saved.name)
    throw new Problem(
      "conflict",
      `The platform in ${dataDir} is called ${saved.name}, not ${wanted.name}: give its own --data`,
    );
  return saved;
}
