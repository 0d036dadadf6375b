import { readFile } from "node:fs/promises";
import { runProgram } from "../kernel/run-program.ts";

export interface Mount {
  readonly point: string;
  readonly isShared: boolean;
}

/** @param table text of /proc/self/mountinfo; of several mounts on one point the last is the one that is seen. */
export function parseMounts(table: string): Mount[] {
  return table.split("\n").flatMap((line) => {
    const [before = ""] = line.split(" - ");
    const fields = before.split(" ");
    const point = fields[4]?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    return point === undefined
      ? []
      : [{ point, isShared: fields.slice(6).some((field) => field.startsWith("shared:")) }];
  });
}

/** The mount that a path lies in. */
export function containingMount(mounts: readonly Mount[], path: string): Mount | undefined {
  const holders = mounts.filter(({ point }) => path === point || path.startsWith(point === "/" ? "/" : `${point}/`));
  return holders.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
    undefined,
  );
}

export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Whether a mount made below the folder is seen by those who have the folder bound into a container. */
export async function isShared(folder: string): Promise<boolean> {
  return containingMount(await readMounts(), folder)?.isShared === true;
}

/** The runtime, in its container, mounts dynos' files where the engine must see them: the folder becomes a shared mount of its own. */
export async function makeShared(folder: string): Promise<void> {
  const mounts = await readMounts();
  if (!mounts.some(({ point }) => point === folder)) await runProgram("mount", ["--bind", folder, folder]);
  await runProgram("mount", ["--make-shared", folder]);
}

/** Unmounts everything at and below a folder, the deepest first; what is busy leaves the tree at once and ends with its last user. */
export async function unmountBelow(folder: string): Promise<number> {
  let count = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    const points = (await readMounts())
      .map((mount) => mount.point)
      .filter((point) => point === folder || point.startsWith(`${folder}/`));
    if (points.length === 0) return count;
    for (const point of points.sort((a, b) => b.length - a.length)) {
      await runProgram("umount", [point]).catch(() => runProgram("umount", ["--lazy", point]).catch(() => ""));
      count += 1;
    }
  }
  throw new Error(`Cannot unmount what lies below ${folder}: more keeps appearing (is another runtime at work?)`);
}
