import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Registry } from "../../kernel/registry.ts";
import type { Git } from "./git.ts";
import type { Home } from "./home.ts";
import type { Pack } from "./pending.ts";
import { headOf, type Refs, refChanges } from "./refs.ts";
import type { Stored } from "./store.ts";

export interface Hydration {
  readonly git: Git;
  readonly home: Home;
  readonly registry: Registry;
}

/** A bare, empty repository at that path. */
export async function makeRepository({ git }: Hydration, path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  await git.run(path, ["init", "--quiet", "--bare", "--template="]);
  // A build gets the files as a checkout has them: archive's own attributes would leave some out or change them.
  await mkdir(join(path, "info"), { recursive: true });
  await writeFile(join(path, "info", "attributes"), "* -export-ignore -export-subst\n");
}

/** Packs of a stored repository, by digest, that are not in the cached one yet. */
export function missingPacks(stored: Stored, present: ReadonlySet<string>): readonly Pack[] {
  return stored.packs.filter((pack) => !present.has(pack.digest));
}

/** Fetches one pack and has git index it, which reads and checks every object of it. @throws Error when the bytes are not the digest's. */
export async function fetchPack(
  { git, home, registry }: Hydration,
  appId: string,
  path: string,
  pack: Pack,
): Promise<void> {
  const file = join(home.work, `${appId}-${pack.digest.slice(7, 23)}.fetched`);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        hash.update(chunk);
        done(bytes > pack.bytes ? new Error(`pack ${pack.digest} is longer than recorded`) : null, chunk);
      },
    });
    await pipeline(await registry.getBlob(`packs/${appId}`, pack.digest), meter, createWriteStream(file));
    if (`sha256:${hash.digest("hex")}` !== pack.digest) throw new Error(`pack ${pack.digest} arrived with other bytes`);
    await git.run(path, ["index-pack", "--stdin"], { input: createReadStream(file) });
  } finally {
    await rm(file, { force: true });
  }
}

/** Makes the refs of a cached repository exactly those, all or none of them, and HEAD the branch that deploys. */
export async function setRefs({ git }: Hydration, path: string, refs: Refs): Promise<void> {
  const present = await readRefs(git, path);
  const changes = refChanges(present, refs);
  if (changes !== "") await git.run(path, ["update-ref", "-z", "--stdin"], { input: changes });
  await git.run(path, ["symbolic-ref", "HEAD", headOf(refs)]);
}

export async function readRefs(git: Git, path: string): Promise<Refs> {
  const listed = await git.run(path, ["for-each-ref", "--format=%(objectname) %(refname)"]);
  const lines = listed.split("\n").filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/** What killed pushes left in a repository that nobody is pushing to. */
export async function removeQuarantines(path: string): Promise<void> {
  for (const name of await readdir(join(path, "objects"))) {
    if (name.startsWith("tmp_objdir-")) await rm(join(path, "objects", name), { recursive: true, force: true });
  }
}
