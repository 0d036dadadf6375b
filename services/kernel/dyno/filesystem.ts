import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { dataPaths, dynoUser } from "../platform.ts";
import { runProgram } from "../run-program.ts";
import type { Layer } from "../slug.ts";
import type { Dyno } from "./dyno.ts";
import { dynoPaths, extractedPath, layerPaths } from "./paths.ts";

/**
 * The files of a dyno: its disk (a sparse file with ext4, so that a full disk is that dyno's alone), and overlays of read-only
 * layers with the disk on top. Everything here runs as root on the host's mounts: in the runtime, and in the seed for the first dynos.
 */
export async function prepareFilesystem(dataDir: string, dyno: Dyno, disk?: ReadyDisk): Promise<void> {
  const all = [...dyno.layers, ...(dyno.build?.layers ?? []), ...(dyno.build?.cache ? [dyno.build.cache] : [])];
  await Promise.all(all.map((layer) => mountLayer(dataDir, layer.digest)));
  const paths = dynoPaths(dataDir, dyno.id);
  // A disk made ahead becomes this dyno's by its folder's new name; what is mounted in it moves along.
  if (disk !== undefined) await rename(dynoPaths(dataDir, disk.id).root, paths.root);
  else await mkdir(paths.root, { recursive: true, mode: 0o711 });
  const overlays = [
    overlay(dataDir, "app", paths.app, dyno.layers),
    ...(dyno.build === undefined
      ? []
      : [
          overlay(dataDir, "build", paths.build, dyno.build.layers),
          overlay(dataDir, "cache", paths.cache, dyno.build.cache === undefined ? [] : [dyno.build.cache]),
        ]),
  ];
  // One shell for the whole sequence: each program started from Node costs milliseconds of every dyno's start.
  await runProgram("/bin/bash", [
    "-euc",
    prepareScript,
    "prepare",
    paths.disk,
    String(dyno.size.diskBytes),
    paths.mount,
    ...overlays.flat(),
  ]);
}

/** Arguments: disk file, its bytes, its mount point, then (name, target, lowerdir or "") for each overlay. Idempotent. */
const prepareScript = `
umask 022
disk=$1 bytes=$2 mount=$3; shift 3
# Only a mounted disk has this folder: asking so starts no program.
[ -d "$mount/tmp" ] || {
  truncate -s "$bytes" "$disk"
  # A small journal: without one, ext4 makes creating files after deleting many very slow.
  mkfs.ext4 -q -F -m 0 -J size=4 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0 "$disk"
  mkdir -p "$mount"
  mount -t ext4 -o loop,nosuid,nodev,noatime "$disk" "$mount"
  rmdir "$mount/lost+found"
  mkdir -m 1777 "$mount/tmp"
}
while [ $# -gt 0 ]; do
  name=$1 target=$2 lower=$3; shift 3
  upper=$mount/$name-upper work=$mount/$name-work
  if [ -d "$target" ] && mountpoint -q "$target"; then continue; fi
  install -d -o ${dynoUser.uid} -g ${dynoUser.gid} "$upper"
  mkdir -p "$work" "$target"
  if [ -z "$lower" ]; then mount --bind "$upper" "$target"
  else mount -t overlay -o "nosuid,nodev,lowerdir=$lower,upperdir=$upper,workdir=$work" overlay "$target"; fi
done
`;

function overlay(dataDir: string, name: string, target: string, layers: readonly Layer[]): string[] {
  // overlayfs wants the uppermost first.
  const lower = layers.map((layer) => layerPaths(dataDir, layer.digest).mount).reverse();
  return [name, target, lower.join(":")];
}

/** A disk that waits for its dyno, in the folder of a dyno that does not exist. */
export interface ReadyDisk {
  readonly id: string;
  readonly bytes: number;
}

/** Makes a disk ahead: its file system and mount are a good part of the time that a dyno's files take. */
export async function prepareDisk(dataDir: string, disk: ReadyDisk): Promise<void> {
  const paths = dynoPaths(dataDir, disk.id);
  await mkdir(paths.root, { recursive: true, mode: 0o711 });
  await runProgram("/bin/bash", ["-euc", prepareScript, "prepare", paths.disk, String(disk.bytes), paths.mount]);
}

/** Undoes {@link prepareFilesystem}; what is not there is fine. */
export async function releaseFilesystem(dataDir: string, dynoId: string): Promise<void> {
  const paths = dynoPaths(dataDir, dynoId);
  if (!existsSync(paths.root)) return;
  await runProgram("/bin/bash", ["-uc", releaseScript, "release", paths.app, paths.build, paths.cache, paths.mount]);
  await rm(paths.root, { recursive: true, force: true });
}

/** Lazy where something still holds it: the mount goes from the tree at once, its loop device with the last user. */
const releaseScript = `
for target in "$@"; do
  while mountpoint -q "$target"; do umount "$target" 2>/dev/null || umount -l "$target" || exit 1; done
done
`;

const mounting = new Map<string, Promise<void>>();

/** Mounts a layer's file, once; several at a time may ask. @throws Error when the file is not there. */
export function mountLayer(dataDir: string, digest: string): Promise<void> {
  const { file, mount } = layerPaths(dataDir, digest);
  const running = mounting.get(mount);
  if (running !== undefined) return running;
  const work = (async () => {
    if ((await mountPoints(dataDir)).has(mount)) return;
    await mkdir(mount, { recursive: true });
    await runProgram("mount", ["-t", "squashfs", "-o", "loop,ro,nosuid,nodev", file, mount]);
  })().finally(() => mounting.delete(mount));
  mounting.set(mount, work);
  return work;
}

/** Unmounts a layer and, if asked, deletes its file. */
export async function unmountLayer(dataDir: string, digest: string, options: { deleteFile: boolean }): Promise<void> {
  const { file, mount } = layerPaths(dataDir, digest);
  await runProgram("/bin/bash", ["-uc", releaseScript, "release", mount]);
  await rm(mount, { recursive: true, force: true });
  if (options.deleteFile) await rm(file, { force: true });
}

/** Every mount point below the data folder, as the kernel lists them. */
export async function mountPoints(dataDir: string): Promise<Set<string>> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const points = new Set<string>();
  for (const line of table.split("\n")) {
    const point = line
      .split(" ", 5)[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    if (point?.startsWith(`${dataDir}/`)) points.add(point);
  }
  return points;
}

/** Extracts layers into a plain folder, the upper over the lower; done once, atomically. For the runtime's own files. */
export async function extractLayers(dataDir: string, layers: readonly Layer[]): Promise<string> {
  const target = extractedPath(dataDir, layers);
  if (existsSync(target)) return target;
  const fresh = `${target}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  for (const layer of layers) {
    await runProgram(
      "unsquashfs",
      ["-no-progress", "-quiet", "-force", "-dest", fresh, layerPaths(dataDir, layer.digest).file],
      {
        timeoutMs: 120_000,
      },
    );
  }
  await rename(fresh, target);
  return target;
}

/** Makes the folders of the data folder that the specs bind. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  const open = { recursive: true, mode: 0o755 } as const;
  const closed = { recursive: true, mode: 0o700 } as const;
  await mkdir(dataPaths.layers(dataDir), open);
  await mkdir(dataPaths.dynos(dataDir), open);
  await mkdir(dataPaths.volumes(dataDir), open);
  await mkdir(dataPaths.trust(dataDir), open);
  await mkdir(dataPaths.runtime(dataDir), closed);
  await mkdir(`${dataPaths.runtime(dataDir)}/tmp`, closed);
  await mkdir(`${dataPaths.runtime(dataDir)}/run`, closed);
  await mkdir(`${dataPaths.runtime(dataDir)}/slugs`, closed);
}

/** Makes the folder of a volume, owned by the user its dyno runs as. */
export async function prepareVolume(dataDir: string, name: string): Promise<void> {
  const path = `${dataPaths.volumes(dataDir)}/${name}`;
  await mkdir(path, { recursive: true, mode: 0o700 });
  await runProgram("chown", [`${dynoUser.uid}:${dynoUser.gid}`, path]);
}
