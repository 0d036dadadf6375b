import { readFile, rename, writeFile } from "node:fs/promises";
import { dataPaths } from "../kernel/platform.ts";

/** Up to which time each container's output has been taken in; kept in a file, so that the next runtime goes on from there. */
export async function loadPositions(dataDir: string): Promise<Map<string, Date>> {
  const text = await readFile(path(dataDir), "utf8").catch(() => "[]");
  return new Map((JSON.parse(text) as [string, string][]).map(([id, at]) => [id, new Date(at)]));
}

export async function savePositions(dataDir: string, positions: ReadonlyMap<string, Date>): Promise<void> {
  await writeFile(`${path(dataDir)}.new`, JSON.stringify([...positions]), { mode: 0o600 });
  await rename(`${path(dataDir)}.new`, path(dataDir));
}

function path(dataDir: string): string {
  return `${dataPaths.runtime(dataDir)}/positions.json`;
}
