import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Chosen } from "./buildpack/choose-buildpacks.ts";
import type { BuildpackRunner } from "./buildpack/run-buildpack.ts";
import { CompileFail } from "./compile-fail.ts";
import type { Output } from "./output.ts";
import { parseProcfile, procfileLimits } from "./procfile.ts";
import { parseReleaseFile } from "./release-file.ts";

/**
 * The Procfile's process types, and below them the last buildpack's defaults for types that it does not name (contract §5.5).
 * @throws CompileFail for a bad Procfile or release file.
 */
export async function findProcessTypes(
  build: string,
  chosen: readonly Chosen[],
  runner: BuildpackRunner,
  output: Output,
): Promise<Record<string, string>> {
  output.topic("Discovering process types");
  const declared = readProcfile(build);
  const last = chosen.at(-1);
  const defaults =
    last === undefined ? {} : await parseReleaseFile(await runner.release(last.buildpack), last.buildpack.label);
  const added = Object.keys(defaults).filter((type) => !Object.hasOwn(declared ?? {}, type));
  output.detail(`Procfile declares types -> ${names(Object.keys(declared ?? {}))}`);
  if (added.length > 0) output.detail(`Default types for buildpack -> ${names(added)}`);
  return { ...defaults, ...declared };
}

/** Read as a file and nothing else: a link could lead to any file of the compile dyno. */
function readProcfile(build: string): Record<string, string> | undefined {
  const path = join(build, "Procfile");
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new CompileFail("Procfile is not a regular file");
  if (found.size > procfileLimits.bytesMax)
    throw new CompileFail(`Procfile is larger than ${procfileLimits.bytesMax / 1024} kB`);
  return parseProcfile(readFileSync(path, "utf8"));
}

function names(types: readonly string[]): string {
  return types.length === 0 ? "(none)" : types.toSorted().join(", ");
}
