import { readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { CompileFail } from "../compile-fail.ts";
import { isLeftOut } from "./entry-path.ts";
import { untar } from "./untar.ts";

/**
 * Lays a source archive (tar or tar.gz) into the build folder, where the dependencies of the last build may already lie.
 * @param kept paths of those dependencies.
 * @returns the paths that are still good: none when the source brings files of its own to one of those places.
 */
export async function placeSource(
  archive: AsyncIterable<Buffer>,
  build: string,
  kept: readonly string[],
): Promise<readonly string[]> {
  let stillKept = kept;
  const dropKept = () => {
    for (const path of [...stillKept, ".quine"]) removeWithEmptyParents(build, path);
    stillKept = [];
  };
  await untar(await unzipped(archive), build, (parts, kind) => {
    if (stillKept.length > 0 && collides(parts.join("/"), kind, stillKept)) dropKept();
  });

  const tops = new Set(kept.map((path) => path.split("/", 1)[0]));
  const own = readdirSync(build, { withFileTypes: true }).filter(
    (entry) => !tops.has(entry.name) && entry.name !== ".quine",
  );
  const [only] = own;
  // Archives that forges hand out hold one directory with everything in it.
  if (own.length === 1 && only?.isDirectory() === true) {
    dropKept();
    liftUp(build, only.name);
  }
  return stillKept;
}

function collides(path: string, kind: "directory" | "leaf", kept: readonly string[]): boolean {
  return kept.some(
    (place) => path === place || path.startsWith(`${place}/`) || (kind === "leaf" && place.startsWith(`${path}/`)),
  );
}

function removeWithEmptyParents(build: string, path: string): void {
  rmSync(join(build, path), { recursive: true, force: true });
  const parts = path.split("/");
  while (parts.pop() !== undefined && parts.length > 0) {
    try {
      rmdirSync(join(build, ...parts));
    } catch {
      return;
    }
  }
}

function liftUp(build: string, name: string): void {
  // Moved aside first: the directory may hold something of its own name.
  const aside = join(build, ".quine-lift");
  renameSync(join(build, name), aside);
  for (const child of readdirSync(aside)) {
    if (isLeftOut([child])) rmSync(join(aside, child), { recursive: true });
    else renameSync(join(aside, child), join(build, child));
  }
  rmdirSync(aside);
}

async function unzipped(archive: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const chunks = archive[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = (async function* () {
    yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  })();
  return head[0] === 0x1f && head[1] === 0x8b ? gunzipped(whole) : whole;
}

async function* gunzipped(whole: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const { Readable } = await import("node:stream");
  const source = Readable.from(whole, { objectMode: false, highWaterMark: 256 * 1024 });
  const plain = createGunzip({ chunkSize: 256 * 1024 });
  source.on("error", (error) => plain.destroy(error));
  source.pipe(plain);
  try {
    for await (const chunk of plain) yield chunk as Buffer;
  } catch (cause) {
    if (!String((cause as { code?: string }).code).startsWith("Z_")) throw cause;
    throw new CompileFail("The source archive's compression is damaged", [], { cause });
  }
}
