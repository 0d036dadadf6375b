import { join } from "node:path";
import { CompileFail } from "../compile-fail.ts";
import type { Output } from "../output.ts";
import { bundledBuildpacks, parseBuildpackUrl } from "./buildpack-url.ts";
import { type Buildpack, fetchBuildpack } from "./fetch-buildpack.ts";
import type { BuildpackRunner } from "./run-buildpack.ts";

export interface Chosen {
  readonly buildpack: Buildpack;
  /** What its detection calls the app: "Node.js". */
  readonly name: string;
}

export const buildpacksMax = 20;

/**
 * The buildpacks that compile this app, in their order: those the app names, else those that detect it. With the packages of an
 * Aptfile alone there is still nothing to run, so `apt` is no language by itself.
 * @throws CompileFail when none fits.
 */
export async function chooseBuildpacks(options: {
  named: readonly string[];
  folder: string;
  environment: Readonly<Record<string, string>>;
  runner: BuildpackRunner;
  output: Output;
  signal: AbortSignal;
}): Promise<Chosen[]> {
  const { named, output, runner } = options;
  if (named.length > buildpacksMax)
    throw new CompileFail(`The app has ${named.length} buildpacks, the most there can be is ${buildpacksMax}`);
  const isNamed = named.length > 0;
  const sources = isNamed
    ? named.map((url) => parseBuildpackUrl(url))
    : Object.entries(bundledBuildpacks).map(([name, label]) => ({ kind: "bundled", name, label }) as const);

  const candidates = await Promise.all(
    sources.map(async (source, index) => {
      const buildpack = await fetchBuildpack(source, join(options.folder, String(index)), options);
      return { buildpack, name: await runner.detect(buildpack) };
    }),
  );
  const chosen: Chosen[] = [];
  for (const { buildpack, name } of candidates) {
    if (name !== undefined) chosen.push({ buildpack, name });
    else if (isNamed)
      throw new CompileFail(`App not compatible with buildpack: ${buildpack.label}`, [
        "Its bin/detect does not know this app. Choose another with `quine buildpacks:set`.",
      ]);
  }
  if (!isNamed && chosen.every(({ buildpack }) => buildpack.label === bundledBuildpacks.apt)) throw noLanguage();

  const [only] = chosen;
  if (chosen.length === 1 && only !== undefined) output.topic(`Using buildpack: ${only.buildpack.label}`);
  else {
    output.topic("Using buildpacks:");
    for (const [index, { buildpack }] of chosen.entries()) output.detail(`${index + 1}. ${buildpack.label}`);
  }
  return chosen;
}

function noLanguage(): CompileFail {
  return new CompileFail("No default language could be detected for this app.", [
    "The root of the repository needs a file that tells the language: package.json for Node.js.",
    "Is it committed? Or name a buildpack with `quine buildpacks:set`.",
  ]);
}
