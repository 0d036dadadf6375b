import { statfs } from "node:fs/promises";
import { CompileFail } from "./compile-fail.ts";
import { formatBytes } from "./output.ts";

/** Below this a disk counts as full: the next write of any tool fails. */
const freeBytesMin = 1024 * 1024;

/** A size in words when the disk below `path` is full, undefined while there is room. Its inodes count too: many tiny files fill a disk as well. */
export async function fullDisk(path: string): Promise<string | undefined> {
  const { bsize, blocks, bavail, files, ffree } = await statfs(path);
  if (files > 0 && ffree === 0) return `${formatBytes(blocks * bsize)}, ${files} files`;
  return bavail * bsize < freeBytesMin ? formatBytes(blocks * bsize) : undefined;
}

/** True for the errors that a full disk or quota gives to our own writes. */
export function isDiskFullError(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = (error as { code?: string }).code;
    if (code === "ENOSPC" || code === "EDQUOT") return true;
  }
  return false;
}

/** What tools print when the disk is full, in the last bytes of a buildpack's output. */
export function saysDiskIsFull(text: string): boolean {
  return /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i.test(text);
}

/** The failure that names the limit. */
export async function diskFullFail(path: string, cause?: unknown): Promise<CompileFail> {
  const { bsize, blocks } = await statfs(path);
  return new CompileFail(
    `The build filled its disk (${formatBytes(blocks * bsize)})`,
    ["Source, dependencies, the build cache and temporary files have to fit into it together."],
    { cause },
  );
}
