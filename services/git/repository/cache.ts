import { renameSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../kernel/log.ts";
import {
  fetchPack,
  type Hydration,
  makeRepository,
  missingPacks,
  readRefs,
  removeQuarantines,
  setRefs,
} from "./hydrate.ts";
import { sameRefs } from "./refs.ts";
import type { Stored } from "./store.ts";

/** A repository on this dyno's disk. What is known of it is in memory only: a new process starts with an empty cache. */
export interface CachedRepository {
  readonly appId: string;
  readonly path: string;
  /** The stored generation its refs are at; -1 when it has not been made yet. */
  generation: number;
  /** Digests of stored packs whose objects are all here. */
  packs: Set<string>;
  /** Requests that use it now, and those among them that are pushes. */
  users: number;
  receiving: number;
  /** A push builds and stores now: one at a time. */
  isPushing: boolean;
  bytes: number;
  /** Grows with each use, over all repositories. */
  lastUse: number;
  /** End of the line of those who bring it up to date. */
  turn: Promise<void>;
}

/** Reads the stored repository, for whoever asks: it may have a push to finish, which is done with the asker's own rights. */
export type Load = () => Promise<Stored>;

export interface RepositoryCache {
  /** Runs `work` on the app's repository, brought up to date first. While a push is being received it is served as it is: its refs are about to move. */
  read<T>(appId: string, load: Load, work: (repository: CachedRepository) => Promise<T>): Promise<T>;
  /** The same for a push. @param work calls `moved` once git has moved the refs; its end counts as that too. */
  receive<T>(
    appId: string,
    load: Load,
    work: (repository: CachedRepository, moved: () => void) => Promise<T>,
  ): Promise<T>;
}

export function createCache(hydration: Hydration, bytesMax: number, logger: Logger): RepositoryCache {
  const repositories = new Map<string, CachedRepository>();
  let uses = 0;

  const entry = (appId: string): CachedRepository => {
    const known = repositories.get(appId);
    if (known !== undefined) return known;
    const made: CachedRepository = {
      appId,
      path: join(hydration.home.repositories, `${appId}.git`),
      generation: -1,
      packs: new Set(),
      users: 0,
      receiving: 0,
      isPushing: false,
      bytes: 0,
      lastUse: 0,
      turn: Promise.resolve(),
    };
    repositories.set(appId, made);
    return made;
  };

  const bringUpToDate = async (repository: CachedRepository, load: Load): Promise<void> => {
    if (repository.receiving > 0) return;
    const stored = await load();
    if (repository.generation === stored.generation) return;
    if (repository.generation === -1) {
      await rm(repository.path, { recursive: true, force: true });
      await makeRepository(hydration, repository.path);
    }
    await removeQuarantines(repository.path);
    for (const pack of missingPacks(stored, repository.packs)) {
      await fetchPack(hydration, repository.appId, repository.path, pack);
      repository.packs.add(pack.digest);
    }
    await setRefs(hydration, repository.path, stored.refs);
    repository.generation = stored.generation;
    repository.bytes = await packBytes(repository.path);
  };

  const evict = async (): Promise<void> => {
    const idle = [...repositories.values()].filter((one) => one.users === 0).sort((a, b) => a.lastUse - b.lastUse);
    let total = [...repositories.values()].reduce((sum, one) => sum + one.bytes, 0);
    for (const one of idle) {
      if (total <= bytesMax) return;
      // Looked at again: removing the one before took time, and meanwhile this one may have come into use or gone.
      if (one.generation === -1 || one.users > 0 || repositories.get(one.appId) !== one) continue;
      total -= one.bytes;
      repositories.delete(one.appId);
      // Out of the way at once; whoever asks for the app next makes it anew at the same path.
      const trash = join(hydration.home.work, `evicted-${one.appId}-${one.lastUse}`);
      renameSync(one.path, trash);
      logger.info("Dropped a repository from the cache", { app_id: one.appId, bytes: one.bytes });
      await rm(trash, { recursive: true, force: true });
    }
  };

  const use = async <T>(
    appId: string,
    load: Load,
    atOnce: (repository: CachedRepository) => void,
    work: (repository: CachedRepository) => Promise<T>,
  ): Promise<T> => {
    const repository = entry(appId);
    repository.users += 1;
    repository.lastUse = ++uses;
    try {
      const ready = repository.turn.then(async () => {
        try {
          await bringUpToDate(repository, load);
        } catch (error) {
          // Whatever half of it is on the disk, the next request starts over.
          if (repository.users === 1) forget(repository);
          throw error;
        }
        atOnce(repository);
      });
      repository.turn = ready.catch(() => {});
      await ready;
      return await work(repository);
    } finally {
      repository.users -= 1;
      await evict().catch((error: Error) => logger.error("Cannot shrink the cache", { error: error.message }));
    }
  };

  return {
    read: (appId, load, work) => use(appId, load, () => {}, work),
    receive: (appId, load, work) => {
      const begun = (repository: CachedRepository) => {
        repository.receiving += 1;
      };
      return use(appId, load, begun, async (repository) => {
        let hasMoved = false;
        const moved = () => {
          if (!hasMoved) repository.receiving -= 1;
          hasMoved = true;
        };
        return work(repository, moved).finally(moved);
      });
    },
  };
}

function forget(repository: CachedRepository): void {
  repository.generation = -1;
  repository.packs = new Set();
}

/** After a push: where the refs here are the stored ones, git has kept the push's objects, and its pack need not be fetched. */
export async function adopt(hydration: Hydration, repository: CachedRepository, stored: Stored): Promise<void> {
  if (!sameRefs(await readRefs(hydration.git, repository.path), stored.refs)) return;
  repository.packs = new Set([...repository.packs, ...stored.packs.map((pack) => pack.digest)]);
}

async function packBytes(path: string): Promise<number> {
  const folder = join(path, "objects", "pack");
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
