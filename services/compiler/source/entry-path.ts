import { CompileFail } from "../compile-fail.ts";

/**
 * The parts of an archive's path below the build folder; empty for the folder itself.
 * @throws CompileFail for absolute paths, `..`, NUL and lengths that no file system has.
 */
export function entryParts(path: string): string[] {
  if (path.startsWith("/")) throw refused(path, "an absolute path");
  if (path.includes("\0")) throw refused(path, "a NUL in its name");
  if (Buffer.byteLength(path) > 4096) throw refused(path, "a path of more than 4096 bytes");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(path, "a path that leads out of the source");
  if (parts.some((part) => Buffer.byteLength(part) > 255)) throw refused(path, "a name of more than 255 bytes");
  return parts;
}

/** What is never taken from a source: Git's own files, and the platform's declarations of dependencies. */
export function isLeftOut(parts: readonly string[]): boolean {
  return parts.includes(".git") || parts[0] === ".gitmodules" || parts[0] === ".quine";
}

function refused(path: string, why: string): CompileFail {
  return new CompileFail(`The source archive has ${why}: ${JSON.stringify(path.slice(0, 200))}`);
}
