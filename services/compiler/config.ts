import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Environment } from "../kernel/environment.ts";
import { trustNames } from "./buildpack/build-environment.ts";

export interface Config {
  readonly work:
    | { readonly kind: "platform"; readonly url: string; readonly token: string }
    | { readonly kind: "self-check" }
    | { readonly kind: "local"; readonly source: string; readonly output: string; readonly envDir: string | undefined };
  /** For stage 0, where no API says it. */
  readonly stack: string;
  /** Node that runs this, and an npm for it: what buildpacks fetch their own Node and npm with. */
  readonly nodePath: string;
  /** `npm-cli.js` of it. */
  readonly npmPath: string;
  readonly trust: Readonly<Record<string, string>>;
}

export const usage =
  "Usage: main.ts [--source DIR_OR_TAR --output DIR [--env-dir DIR] [--stack NAME]] [--npm DIR] | main.ts --self-check";

/** @throws Error that says what is missing, with the usage. */
export function readConfig(
  values: Readonly<Record<string, string | undefined>>,
  commandLine: readonly string[],
  nodePath: string,
): Config {
  const environment = new Environment(values);
  const { values: given } = parseArgs({
    args: [...commandLine],
    options: {
      source: { type: "string" },
      output: { type: "string" },
      "env-dir": { type: "string" },
      stack: { type: "string" },
      npm: { type: "string" },
      "self-check": { type: "boolean" },
    },
  });
  const npmPath =
    given.npm === undefined ? findNpm(nodePath, values.PATH ?? "") : join(resolve(given.npm), "bin", "npm-cli.js");
  if (npmPath === undefined || !existsSync(npmPath))
    throw new Error(
      `Cannot start: there is no npm beside ${nodePath} nor on PATH; name its folder with --npm. ${usage}`,
    );
  const trust = trustNames.flatMap((name) => {
    const value = environment.optional(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const common = { stack: given.stack ?? "debian-12", nodePath, npmPath, trust: Object.fromEntries(trust) };
  if (given["self-check"] === true) return { ...common, work: { kind: "self-check" } };
  if (given.source === undefined && given.output === undefined) {
    const work = {
      kind: "platform",
      url: environment.text("BUILD_URL"),
      token: environment.text("BUILD_TOKEN"),
    } as const;
    if (!/^http:\/\/[^\s?#]+$/.test(work.url)) throw new Error("Cannot start: BUILD_URL must be an http address");
    return { ...common, work };
  }
  if (given.source === undefined || given.output === undefined)
    throw new Error(`Cannot start: --source and --output go together. ${usage}`);
  const envDir = given["env-dir"];
  return {
    ...common,
    work: {
      kind: "local",
      source: resolve(given.source),
      output: resolve(given.output),
      envDir: envDir === undefined ? undefined : resolve(envDir),
    },
  };
}

/** npm as a Node distribution has it, else as PATH has it. */
function findNpm(nodePath: string, path: string): string | undefined {
  const beside = join(dirname(realpathSync(nodePath)), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  if (existsSync(beside)) return beside;
  for (const folder of path.split(":")) {
    const candidate = join(folder, "npm");
    if (folder !== "" && existsSync(candidate) && realpathSync(candidate).endsWith("npm-cli.js"))
      return realpathSync(candidate);
  }
  return undefined;
}
