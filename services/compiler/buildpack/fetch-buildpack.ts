import { cpSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompileFail } from "../compile-fail.ts";
import { runProgram } from "../process-group.ts";
import type { BuildpackSource } from "./buildpack-url.ts";

export interface Buildpack {
  /** Where it lies, with `bin/`. */
  readonly folder: string;
  /** As messages name it: `heroku/nodejs`. */
  readonly label: string;
  /** One of ours: it runs nothing of the app's while what it declares is what it was. */
  readonly isBundled: boolean;
}

const bundledFolder = fileURLToPath(new URL("../../../buildpacks/", import.meta.url));
const downloadLimits = { bytesMax: 200 * 1024 * 1024, seconds: 120 } as const;

/**
 * Puts a buildpack into a folder of its own, since a buildpack may write into itself (`export`).
 * @throws CompileFail when it cannot be fetched or has no `bin/detect`.
 */
export async function fetchBuildpack(
  source: BuildpackSource,
  folder: string,
  options: { environment: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<Buildpack> {
  const run = (...command: [string, ...string[]]) =>
    runProgram(command, { directory: "/tmp", environment: options.environment, signal: options.signal, use: () => {} });
  const fetched = async (...command: [string, ...string[]]) => {
    const { status, tail } = await run(...command);
    if (status !== 0)
      throw new CompileFail(`Cannot fetch the buildpack ${source.label}`, [tail.trim().split("\n").at(-1) ?? ""]);
  };
  await mkdir(folder, { recursive: true });
  switch (source.kind) {
    case "bundled":
      // A dozen small files: at once is ten times quicker than one after the other.
      cpSync(join(bundledFolder, source.name), folder, { recursive: true });
      break;
    case "git":
      await fetched("git", "init", "--quiet", folder);
      await fetched(
        ...(["timeout", `${downloadLimits.seconds}`, "git", "-C", folder, "-c", "protocol.file.allow=never"] as const),
        ...(["fetch", "--quiet", "--depth=1", source.url, source.reference ?? "HEAD"] as const),
      );
      await fetched("git", "-C", folder, "checkout", "--quiet", "--detach", "FETCH_HEAD");
      break;
    case "archive": {
      const archive = `${folder}.tgz`;
      await fetched(
        ...(["curl", "--silent", "--show-error", "--fail", "--location", "--proto-redir", "=http,https"] as const),
        ...(["--max-time", `${downloadLimits.seconds}`, "--max-filesize", `${downloadLimits.bytesMax}`] as const),
        ...(["--output", archive, source.url] as const),
      );
      await fetched("tar", "-xzf", archive, "-C", folder, "--no-same-owner");
      break;
    }
    default:
      source satisfies never;
  }
  const root = await rootOf(folder);
  if (root === undefined) throw new CompileFail(`${source.label} is not a buildpack: it has no bin/detect`);
  return { folder: root, label: source.label, isBundled: source.kind === "bundled" };
}

/** Archives may hold the buildpack itself or one directory with it. */
async function rootOf(folder: string): Promise<string | undefined> {
  const candidates = [folder, ...(await readdir(folder)).map((name) => join(folder, name))];
  for (const candidate of candidates.slice(0, 20)) {
    const detect = await stat(join(candidate, "bin", "detect")).catch(() => undefined);
    if (detect?.isFile() === true) return candidate;
  }
  return undefined;
}
