import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { StoredImage } from "../job/job.ts";
import { runProgram } from "../process-group.ts";

/**
 * The only file that runs mksquashfs. An image is a function of names, contents, links and executable bits alone: times are 0, the
 * owner is the dyno's user, modes are 755 or 644, hard links are copies, the order is mksquashfs' own (sorted).
 */
const fixed = [
  ...["-comp", "zstd", "-Xcompression-level", "3", "-noappend", "-no-progress", "-quiet", "-reproducible"],
  ...["-no-xattrs", "-no-exports", "-no-hardlinks", "-mkfs-time", "0", "-all-time", "0"],
  ...["-force-uid", "1000", "-force-gid", "1000", "-root-mode", "755"],
  ...["-action", "chmod(u=rwX,go=rX)@!type(l)"],
  // The number of threads changes the time, never the bytes.
  ...["-processors", "2", "-mem", "256M"],
] as const;

export interface Squashfs {
  /** An image of these paths of the folder, parents included. */
  packPaths(folder: string, paths: readonly string[], target: string): Promise<StoredImage>;
  /** An image of all of the folder except these paths. */
  packAllBut(folder: string, except: readonly string[], target: string): Promise<StoredImage>;
}

export function createSquashfs(options: {
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}): Squashfs {
  const pack = async (folder: string, target: string, ...rest: string[]) => {
    await rm(target, { force: true });
    // mksquashfs refuses to be told a time in two ways.
    const { SOURCE_DATE_EPOCH: _, ...environment } = options.environment;
    const { status, tail } = await runProgram(["mksquashfs", ...rest], {
      directory: folder,
      environment,
      signal: options.signal,
      use: () => {},
    });
    if (status !== 0)
      throw new Error(`Cannot make an image: mksquashfs ended with status ${status}: ${tail.trim().slice(-500)}`);
    return await described(target);
  };
  return {
    packPaths: (folder, paths, target) => pack(folder, target, ...paths.toSorted(), target, "-no-strip", ...fixed),
    packAllBut: (folder, except, target) =>
      pack(folder, target, ".", target, ...fixed, ...(except.length === 0 ? [] : ["-e", ...except.toSorted()])),
  };
}

async function described(path: string): Promise<StoredImage> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  const { size } = await stat(path);
  return { digest: `sha256:${hash.digest("hex")}`, bytes: size };
}
