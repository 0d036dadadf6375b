import { closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CompileFail } from "../compile-fail.ts";
import { ByteReader } from "./byte-reader.ts";
import { entryParts, isLeftOut } from "./entry-path.ts";
import { blockBytes, parsePax, parseTarHeader } from "./tar-header.ts";

export const untarLimits = {
  bytesMax: 4 * 1024 ** 3,
  entriesMax: 500_000,
  extensionBytesMax: 1024 * 1024,
  trailerBytesMax: 16 * 1024 * 1024,
} as const;

/** Told the parts of a path, and whether a directory or something else is about to be there. */
export type BeforeWrite = (parts: readonly string[], kind: "directory" | "leaf") => void;

/**
 * Unpacks a hostile archive: files, directories and symbolic links below `folder` and nothing else. A link is made as it is written
 * but never followed, so nothing is ever written outside. File modes are what Git knows: 755 or 644.
 * @param beforeWrite is told of each path that is about to come into being.
 * @throws CompileFail for anything else an archive can hold: devices, hard links, paths that lead outside.
 */
export async function untar(
  chunks: AsyncIterable<Buffer>,
  folder: string,
  beforeWrite: BeforeWrite = () => {},
): Promise<void> {
  const reader = new ByteReader(chunks);
  const tree = new Tree(folder, beforeWrite);
  let extension: { path?: string; link?: string; bytes?: number } = {};
  let entries = 0;
  let bytesTotal = 0;

  for (;;) {
    const block = await reader.take(blockBytes);
    const header = block === undefined ? undefined : parseTarHeader(block);
    if (header === undefined) break;
    entries += 1;
    if (entries > untarLimits.entriesMax)
      throw new CompileFail(`The source has more than ${untarLimits.entriesMax} files`);

    if ("xgLK".includes(header.type) && header.type !== "\0") {
      if (header.bytes > untarLimits.extensionBytesMax)
        throw new CompileFail("The source archive has an oversized header");
      const body = (await takePadded(reader, header.bytes)) ?? Buffer.alloc(0);
      // A global header ("g") is where Git puts the commit's id: nothing for us.
      if (header.type === "x") extension = { ...extension, ...fromPax(body) };
      if (header.type === "L") extension.path = withoutNul(body);
      if (header.type === "K") extension.link = withoutNul(body);
      continue;
    }
    const { path, link, bytes } = { path: header.path, link: header.link, bytes: header.bytes, ...extension };
    extension = {};
    const parts = entryParts(path);
    bytesTotal += bytes;
    if (bytesTotal > untarLimits.bytesMax)
      throw new CompileFail(`The unpacked source is larger than ${untarLimits.bytesMax / 1024 ** 3} GB`);
    const skip = parts.length === 0 || isLeftOut(parts);
    switch (header.type) {
      case "0":
      case "\0":
      case "7": {
        const write = skip || path.endsWith("/") ? undefined : tree.file(parts, (header.mode & 0o100) !== 0);
        try {
          await reader.each(bytes, (piece) => write?.append(piece));
        } finally {
          write?.close();
        }
        if (bytes % blockBytes !== 0) await reader.take(blockBytes - (bytes % blockBytes));
        if (!skip && path.endsWith("/")) tree.directory(parts);
        break;
      }
      case "5":
        if (!skip) tree.directory(parts);
        break;
      case "2":
        if (!skip) tree.symlink(parts, link);
        break;
      default:
        throw new CompileFail(
          `The source archive has something that is neither a file, a directory nor a symbolic link: ${JSON.stringify(path.slice(0, 200))}`,
        );
    }
  }
  await reader.drain(untarLimits.trailerBytesMax);
}

/** The folder that grows; it knows which of its directories are real, so that no path goes through a link. */
class Tree {
  readonly #folder: string;
  readonly #beforeWrite: BeforeWrite;
  readonly #real = new Set<string>([""]);

  constructor(folder: string, beforeWrite: BeforeWrite) {
    this.#folder = folder;
    this.#beforeWrite = beforeWrite;
  }

  directory(parts: readonly string[]): void {
    this.#beforeWrite(parts, "directory");
    this.#directory(parts);
  }

  file(parts: readonly string[], executable: boolean): { append(piece: Buffer): void; close(): void } {
    const path = this.#freePlace(parts);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const descriptor = openSync(path, flags, executable ? 0o755 : 0o644);
    return {
      append(piece) {
        let written = 0;
        while (written < piece.length) written += writeSync(descriptor, piece, written);
      },
      close: () => closeSync(descriptor),
    };
  }

  symlink(parts: readonly string[], target: string): void {
    if (target === "" || target.includes("\0") || Buffer.byteLength(target) > 4095)
      throw new CompileFail(
        `The source archive has a broken symbolic link: ${JSON.stringify(parts.join("/").slice(0, 200))}`,
      );
    symlinkSync(target, this.#freePlace(parts));
  }

  #freePlace(parts: readonly string[]): string {
    this.#beforeWrite(parts, "leaf");
    this.#directory(parts.slice(0, -1));
    const path = join(this.#folder, ...parts);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present?.isDirectory() === true)
      throw new CompileFail(`The source archive has both a directory and a file ${JSON.stringify(parts.join("/"))}`);
    if (present !== undefined) rmSync(path);
    return path;
  }

  #directory(parts: readonly string[]): void {
    const key = parts.join("/");
    if (this.#real.has(key)) return;
    this.#directory(parts.slice(0, -1));
    const path = join(this.#folder, ...parts);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present === undefined) mkdirSync(path, 0o755);
    else if (!present.isDirectory())
      throw new CompileFail(`The source archive writes through ${JSON.stringify(key)}, which is not a directory`);
    this.#real.add(key);
  }
}

async function takePadded(reader: ByteReader, bytes: number): Promise<Buffer | undefined> {
  const taken = await reader.take(Math.ceil(bytes / blockBytes) * blockBytes);
  return taken?.subarray(0, bytes);
}

function fromPax(body: Buffer): { path?: string; link?: string; bytes?: number } {
  const records = parsePax(body);
  const size = records.get("size");
  if (size !== undefined && !/^\d{1,15}$/.test(size))
    throw new CompileFail("The source archive has a file of impossible size");
  const path = records.get("path");
  const link = records.get("linkpath");
  return {
    ...(path === undefined ? {} : { path }),
    ...(link === undefined ? {} : { link }),
    ...(size === undefined ? {} : { bytes: Number(size) }),
  };
}

function withoutNul(body: Buffer): string {
  const end = body.indexOf(0);
  return body.subarray(0, end < 0 ? body.length : end).toString("utf8");
}
