import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { Problem, sentence } from "../kernel/problem.ts";
import { runProgram } from "../kernel/run-program.ts";
import { joinCertificates } from "./trust.ts";

const hostAuthorities = "/usr/local/share/ca-certificates";

/** PEM text of the certificates that builds and dynos shall trust besides the usual ones; "" when there are none. */
export async function readExtraCertificates(files: readonly string[] | undefined): Promise<string> {
  const texts: Record<string, string> = {};
  for (const path of files ?? (await hostFiles())) {
    try {
      texts[path] = await readFile(path, "utf8");
    } catch (cause) {
      throw new Problem("bad_request", `The CA file ${path} cannot be read: ${sentence(cause)}`);
    }
  }
  return joinCertificates(texts);
}

async function hostFiles(): Promise<string[]> {
  if (!existsSync(hostAuthorities)) return [];
  const names = await readdir(hostAuthorities, { recursive: true });
  return names
    .filter((name) => name.endsWith(".crt"))
    .sort()
    .map((name) => `${hostAuthorities}/${name}`);
}

/** Where the host's npm gets packages, when that is not npm's own default. */
export async function hostNpmRegistry(): Promise<string | undefined> {
  try {
    // The default source of a setting is npm itself; whatever stands in a file or the environment was put there.
    const listed = JSON.parse(await runProgram("npm", ["config", "list", "--json"])) as { registry?: string };
    const builtIn = (
      await runProgram("npm", ["config", "get", "registry", "--userconfig=/dev/null", "--globalconfig=/dev/null"])
    ).trim();
    return listed.registry !== undefined && listed.registry !== builtIn ? listed.registry : undefined;
  } catch {
    return undefined;
  }
}
