import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Instructions, Job, StoredImage } from "./job/job.ts";
import type { Squashfs } from "./layer/squashfs.ts";
import { runProgram } from "./process-group.ts";

/** A larger cache costs more to carry than it saves: it is left behind, and the next build begins with none. */
const bytesMax = 1024 ** 3;

export interface Cache {
  /** Stores the cache for the next build when anything in it changed. @returns the image the next build begins with. */
  save(
    job: Job,
    squashfs: Squashfs,
    target: string,
    environment: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<StoredImage | undefined>;
}

/** The cache of the last build, emptied when that was on another stack. @param marker a file older than this build's writes. */
export async function openCache(folder: string, instructions: Instructions, marker: string): Promise<Cache> {
  const stackFile = join(folder, ".stack");
  const stack = await readFile(stackFile, "utf8").catch(() => undefined);
  if (stack !== instructions.stack) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
    await writeFile(stackFile, instructions.stack);
  }
  return {
    async save(job, squashfs, target, environment, signal) {
      const names = (await readdir(folder)).filter((name) => name !== ".stack");
      if (names.length === 0) return undefined;
      if (instructions.cache !== undefined && !(await isChanged(folder, marker, environment, signal)))
        return instructions.cache;
      const image = await squashfs.packAllBut(folder, [], target);
      if (image.bytes > bytesMax) return undefined;
      await job.store(image, "cache", target);
      return image;
    },
  };
}

async function isChanged(
  folder: string,
  marker: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<boolean> {
  let found = "";
  const { status } = await runProgram(["find", ".", "-mindepth", "1", "-cnewer", marker, "-print", "-quit"], {
    directory: folder,
    environment,
    signal,
    use: (bytes) => {
      found += Buffer.from(bytes).toString("utf8").slice(0, 100);
    },
  });
  return status !== 0 || found !== "";
}
