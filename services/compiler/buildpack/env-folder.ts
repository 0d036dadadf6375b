import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * One file per config var, for buildpacks to read. Only names that are a file's name and a variable's are written.
 * @returns the names that were left out.
 */
export async function writeEnvFolder(folder: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const left: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(name)) await writeFile(join(folder, name), value, { mode: 0o600 });
    else left.push(name);
  }
  return left;
}
