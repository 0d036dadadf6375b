import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { isUnreachable } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { Hydration } from "./hydrate.ts";
import type { Intent, Pack } from "./pending.ts";
import { applyCommands, commandsApply, commandsAreDone, noObject, type RefCommand, type Refs } from "./refs.ts";
import type { Store, Stored } from "./store.ts";

export interface Change {
  readonly appId: string;
  /** The cached repository. */
  readonly path: string;
  readonly commands: readonly RefCommand[];
  /** Sees the push's objects, which git has not taken over yet. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface PersistLimits {
  /** A repository of more packs is written anew as one. */
  readonly packsMax: number;
  /** Sum of a repository's packs. */
  readonly repositoryBytesMax: number;
}

const attempts = 4;

/**
 * Makes a push durable: its new objects as a pack in the registry, then refs and packs in one row, by compare-and-swap. Until the
 * row is written the repository is the old one, afterwards it is the new one, whoever dies when; a pack without a row is only garbage.
 * @param journal the push as the row has it already, its packs stored: null for one that builds nothing.
 * @returns the repository as it is now. @throws Problem conflict when a ref of the push has moved meanwhile; payload_too_large.
 */
export async function persist(
  hydration: Hydration,
  store: Store,
  limits: PersistLimits,
  change: Change,
  journal: Intent | null,
  signal: AbortSignal,
): Promise<Stored> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await patiently(() => store.load(change.appId), signal);
    // A swap whose answer got lost in a broken connection has happened all the same; so has one that another service made from the journal.
    if ((attempt > 1 || journal !== null) && commandsAreDone(stored.refs, change.commands)) return stored;
    if (!commandsApply(stored.refs, change.commands)) break;
    const isOpen = stored.pending !== undefined && stored.pending.push === journal?.push;
    if (stored.pending !== undefined && !isOpen) break;

    const refs = applyCommands(stored.refs, change.commands);
    const packs = isOpen ? (stored.pending?.packs ?? []) : await writePacks(hydration, limits, change, stored, refs);
    const generation = await store.swap(change.appId, stored.generation, refs, packs).catch((error: Error) => {
      if (isUnreachable(error)) return undefined;
      throw error;
    });
    if (generation !== undefined) return { refs, packs, generation, pending: undefined };
  }
  throw changedMeanwhile();
}

/**
 * Writes into the row what a push is about to do, its objects put into the registry before.
 * @throws Problem conflict when a ref of the push has moved meanwhile, or another push is pending; payload_too_large.
 */
export async function journalPush(
  hydration: Hydration,
  store: Store,
  limits: PersistLimits,
  change: Change,
  { push, commit }: Pick<Intent, "push" | "commit">,
  signal: AbortSignal,
): Promise<Intent> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const stored = await patiently(() => store.load(change.appId), signal);
    // As above: the answer may have got lost.
    if (stored.pending?.push === push) return stored.pending;
    if (stored.pending !== undefined || !commandsApply(stored.refs, change.commands)) break;
    const packs = await writePacks(hydration, limits, change, stored, applyCommands(stored.refs, change.commands));
    const intent = { push, commit, commands: change.commands, packs };
    const generation = await store.open(change.appId, stored.generation, intent).catch((error: Error) => {
      if (isUnreachable(error)) return undefined;
      throw error;
    });
    if (generation !== undefined) return intent;
  }
  throw changedMeanwhile();
}

function changedMeanwhile(): Problem {
  return new Problem("conflict", "The repository was changed by another push meanwhile: fetch, then push again");
}

async function writePacks(
  hydration: Hydration,
  limits: PersistLimits,
  change: Change,
  stored: Stored,
  refs: Refs,
): Promise<readonly Pack[]> {
  const wanted = change.commands.map(({ after }) => after).filter((sha) => sha !== noObject);
  const before = [...new Set(Object.values(stored.refs))];
  // Only what this cache holds can be left out, or written anew; another process may have stored what it does not.
  const here = await present(hydration, change, before);
  const whole = async () => {
    const pack = await writePack(hydration, limits, change, Object.values(refs), []);
    return pack === undefined ? [] : [pack];
  };
  const canRewrite = here.length === before.length;
  if (canRewrite && stored.packs.length >= limits.packsMax) return whole();

  const added = await writePack(hydration, limits, change, wanted, here);
  if (added === undefined) return stored.packs;
  const packs = [...stored.packs.filter(({ digest }) => digest !== added.digest), added];
  const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  if (bytes <= limits.repositoryBytesMax) return packs;
  // Much of it may be history that no ref reaches any more.
  if (canRewrite) return whole();
  throw tooLarge(limits);
}

/** Packs what `wanted` reaches and `had` does not, and puts it into the registry. @returns undefined when that is nothing. */
async function writePack(
  { git, home, registry }: Hydration,
  limits: PersistLimits,
  change: Change,
  wanted: readonly string[],
  had: readonly string[],
): Promise<Pack | undefined> {
  const path = join(home.work, `${change.appId}-${process.hrtime.bigint()}.pack`);
  try {
    const input = `${[...new Set(wanted), "--not", ...new Set(had)].join("\n")}\n`;
    const { bytes, digest } = await git.toFile(
      change.path,
      ["pack-objects", "--revs", "--stdout", "--delta-base-offset", "--quiet"],
      {
        path,
        bytesMax: limits.repositoryBytesMax,
        tooLarge: tooLarge(limits),
      },
      { input, environment: change.environment },
    );
    if ((await objectCount(path)) === 0) return undefined;
    await registry.putBlobFile(`packs/${change.appId}`, digest, path);
    return { digest, bytes };
  } finally {
    await rm(path, { force: true });
  }
}

function tooLarge({ repositoryBytesMax }: PersistLimits): Problem {
  const size = `${Math.floor(repositoryBytesMax / 1_048_576)} MB`;
  return new Problem("payload_too_large", `The repository would be larger than ${size}: keep large files elsewhere`);
}

async function present({ git }: Hydration, change: Change, shas: readonly string[]): Promise<string[]> {
  if (shas.length === 0) return [];
  const input = `${shas.join("\n")}\n`;
  const listed = await git.run(change.path, ["cat-file", "--batch-check=%(objectname)"], { input });
  return listed.split("\n").filter((line) => /^[0-9a-f]{40}$/.test(line));
}

/** A pack says how many objects it holds in bytes 8 to 11. */
async function objectCount(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(12), 0, 12, 0);
    return buffer.readUInt32BE(8);
  } finally {
    await file.close();
  }
}

const patienceMs = [100, 300, 1_000, 3_000, 5_000, 5_000, 5_000, 5_000, 5_000];

/** The database is away for seconds when the platform replaces it; a build that succeeded is worth the wait. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of patienceMs) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnreachable(error) || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return ask();
}
