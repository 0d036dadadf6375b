import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CompileFail } from "../compile-fail.ts";
import { runProgram } from "../process-group.ts";
import { type Declaration, declarationLimits, parseDeclaration, refuseOverlap } from "./declaration.ts";

/** Where declarations lie below the build folder; each is part of the layer it declares. */
export const depsPath = ".quine/deps";

/** @throws CompileFail for declarations that cannot be. */
export async function readDeclarations(build: string): Promise<Declaration[]> {
  const folder = join(build, depsPath);
  const names = await readdir(folder).catch(() => []);
  if (names.length > declarationLimits.countMax) throw new CompileFail("Buildpacks declared too many dependencies");
  const declarations: Declaration[] = [];
  for (const file of names.sort()) {
    if (!file.endsWith(".json")) continue;
    declarations.push(parseDeclaration(file.slice(0, -".json".length), await readFile(join(folder, file), "utf8")));
  }
  refuseOverlap(declarations);
  return declarations;
}

/** Moves the last build's declarations aside, to where buildpacks look them up: only what is declared anew counts. */
export async function setDeclarationsAside(
  build: string,
  before: readonly Declaration[],
  aside: string,
): Promise<void> {
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  for (const { name, key, paths } of before)
    await writeFile(join(aside, `${name}.json`), declarationText({ key, paths }));
  await rm(join(build, ".quine"), { recursive: true, force: true });
  await mkdir(join(build, depsPath), { recursive: true });
}

/** One spelling of each declaration, since it is part of an image whose bytes have to be equal. */
export async function writeDeclarations(build: string, declarations: readonly Declaration[]): Promise<void> {
  for (const { name, key, paths } of declarations) {
    const path = join(build, depsPath, `${name}.json`);
    await writeFile(`${path}.part`, declarationText({ key, paths }));
    await rename(`${path}.part`, path);
  }
}

/** Names of declarations in whose paths anything was written, made or removed after `marker` was. */
export async function touchedSince(
  marker: string,
  build: string,
  declarations: readonly Declaration[],
  options: { environment: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Set<string>> {
  const touched = new Set<string>();
  for (const { name, paths } of declarations) {
    let found = "";
    const { status } = await runProgram(["find", ...paths, "-cnewer", marker, "-print", "-quit"], {
      directory: build,
      environment: options.environment,
      signal: options.signal,
      use: (bytes) => {
        found += Buffer.from(bytes).toString("utf8").slice(0, 100);
      },
    });
    if (status !== 0 || found !== "") touched.add(name);
  }
  return touched;
}

function declarationText(declaration: { key: string; paths: readonly string[] }): string {
  return `${JSON.stringify({ key: declaration.key, paths: declaration.paths })}\n`;
}
