import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { prepareDisk, type ReadyDisk, releaseFilesystem } from "../kernel/dyno/filesystem.ts";
import { dataPaths } from "../kernel/platform.ts";
import { sizeNamed } from "../kernel/sizes.ts";

/** Disks made ahead, of the size that most dynos have; a dyno of another size makes its own. */
export interface Disks {
  take(bytes: number): ReadyDisk | undefined;
  /** Makes the pool full while the runtime is idle. */
  tend(isIdle: () => boolean): Promise<void>;
  /** Removes the files of dynos that are gone: what a runtime leaves that died between two steps. */
  sweep(existingIds: ReadonlySet<string>): Promise<void>;
}

const usualBytes = sizeNamed("basic")?.diskBytes ?? 0;

export function createDisks(dataDir: string, readyMax: number): Disks {
  const pool: ReadyDisk[] = [];
  /** Taken or being made in this runtime's time; whether their dynos exist is seen later than they do. */
  const own = new Set<string>();
  let tending = false;

  return {
    take(bytes) {
      const index = pool.findIndex((disk) => disk.bytes === bytes);
      return index < 0 ? undefined : pool.splice(index, 1)[0];
    },

    async tend(isIdle) {
      if (tending) return;
      tending = true;
      try {
        while (pool.length < readyMax && isIdle()) {
          const disk = { id: `ready-${randomBytes(8).toString("hex")}`, bytes: usualBytes };
          own.add(disk.id);
          await prepareDisk(dataDir, disk);
          pool.push(disk);
        }
      } finally {
        tending = false;
      }
    },

    async sweep(existingIds) {
      for (const id of await readdir(dataPaths.dynos(dataDir))) {
        if (existingIds.has(id) || own.has(id)) continue;
        await releaseFilesystem(dataDir, id);
      }
      const waiting = new Set(pool.map((disk) => disk.id));
      for (const id of own) if (!waiting.has(id)) own.delete(id);
    },
  };
}
