import { existsSync, lstatSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildEnvironment } from "./buildpack/build-environment.ts";
import { type Chosen, chooseBuildpacks } from "./buildpack/choose-buildpacks.ts";
import { writeEnvFolder } from "./buildpack/env-folder.ts";
import { type BuildpackRunner, createBuildpackRunner } from "./buildpack/run-buildpack.ts";
import { openCache } from "./cache.ts";
import { CompileFail } from "./compile-fail.ts";
import { diskFullFail, fullDisk, saysDiskIsFull } from "./disk.ts";
import type { BuildResult, Instructions, Job, Released } from "./job/job.ts";
import type { Declaration } from "./layer/declaration.ts";
import {
  depsPath,
  readDeclarations,
  setDeclarationsAside,
  touchedSince,
  writeDeclarations,
} from "./layer/deps-folder.ts";
import { packLayers } from "./layer/pack-layers.ts";
import { forsakenPaths, needsComparing, planLayers } from "./layer/plan-layers.ts";
import { createSquashfs } from "./layer/squashfs.ts";
import { formatBytes, type Output } from "./output.ts";
import type { Phases } from "./phases.ts";
import { findProcessTypes } from "./process-types.ts";
import { processesFail, saysProcessesRanOut } from "./processes.ts";
import { refuseLargeSlug } from "./size-limit.ts";
import { placeSource } from "./source/place-source.ts";
import { applySlugignore } from "./source/slugignore.ts";

export interface Workshop {
  /** Folders of the build; `work` is for what is neither source nor result. */
  readonly paths: { build: string; cache: string; env: string; output: string; work: string };
  readonly trust: Readonly<Record<string, string>>;
  readonly nodePath: string;
  readonly npmPath: string;
  readonly output: Output;
  readonly flushed: () => Promise<void>;
  readonly phases: Phases;
  readonly signal: AbortSignal;
}

/**
 * One build from source to slug.
 * @throws CompileFail when the source cannot become a slug; any other error is a fault of the platform.
 */
export async function compile(job: Job, workshop: Workshop): Promise<void> {
  const { output, paths, phases } = workshop;
  const instructions = await phases.measure("instructions", () => job.instructions());
  output.topic(`Building on the ${stackName(instructions.stack)} stack`);

  const marker = await prepareFolders(paths);
  const before = await phases.measure("source", () => layOutSource(job, paths.build));
  await setDeclarationsAside(paths.build, before, depsBefore(paths.work));
  const left = await writeEnvFolder(paths.env, instructions.env);
  for (const name of left)
    output.warn(`Config var ${JSON.stringify(name)} is not given to buildpacks: its name is not a variable's`);
  const environment = environmentOf(instructions, workshop);
  const cache = await openCache(paths.cache, instructions, marker);

  const runner = createBuildpackRunner({ ...paths, ...workshop, environment });
  const chosen = await phases.measure("detect", () =>
    chooseBuildpacks({
      named: buildpacksOf(instructions),
      folder: join(paths.work, "buildpacks"),
      environment,
      runner,
      output,
      signal: workshop.signal,
    }),
  );
  await phases.measure("compile", () => runBuildpacks(chosen, runner, workshop));
  const types = await phases.measure("release", () => findProcessTypes(paths.build, chosen, runner, output));

  output.topic("Compressing...");
  const declared = await settleDeclarations(paths.build, before);
  const squashfs = createSquashfs({ environment, signal: workshop.signal });
  const isBundled = chosen.map(({ buildpack }) => buildpack.isBundled);
  const isAsked = existsSync(join(paths.build, depsPath, "compare"));
  const touched = needsComparing({ before, declared, isBundled, isAsked })
    ? await phases.measure("compare", () =>
        touchedSince(marker, paths.build, declared, { environment, signal: workshop.signal }),
      )
    : new Set<string>();
  const steps = planLayers({ before, layersBefore: instructions.deps, declared, touched });
  const packed = await phases.measure("pack", () => packLayers(steps, paths, squashfs));
  const bytes = packed.reduce((sum, { layer }) => sum + layer.bytes, 0);
  refuseLargeSlug(bytes, instructions.slugBytesMax);
  output.detail(`Done: ${formatBytes(bytes)}`);

  await phases.measure("store", async () => {
    for (const { layer, path } of packed) if (path !== undefined) await job.store(layer, "slug", path);
  });
  const cacheImage = await phases.measure("cache", () =>
    cache.save(job, squashfs, join(paths.output, "cache.sqfs"), environment, workshop.signal),
  );
  const because = steps.map((step) => `${step.kind}${"name" in step ? ` ${step.name}` : ""}: ${step.because}`);
  const result: BuildResult = {
    layers: packed.map(({ layer }) => layer),
    cache: cacheImage,
    processTypes: types,
    buildpack: chosen.at(-1)?.name ?? "",
    notes: [...phases.notes(), ...because],
  };
  // In stage 0 nothing is released, and nothing is said of it.
  const released = await job.succeed(result);
  if (released !== undefined) announce(released, output);
}

function stackName(stack: string): string {
  return stack.charAt(0).toUpperCase() + stack.slice(1);
}

function depsBefore(work: string): string {
  return join(work, "deps-before");
}

/** @returns the marker: a file older than anything this build writes. */
async function prepareFolders(paths: Workshop["paths"]): Promise<string> {
  await rm(paths.work, { recursive: true, force: true });
  for (const folder of Object.values(paths)) await mkdir(folder, { recursive: true });
  const marker = join(paths.work, "marker");
  await writeFile(marker, "");
  return marker;
}

/** @returns the declarations of the last build's dependencies that are still good. */
async function layOutSource(job: Job, build: string): Promise<readonly Declaration[]> {
  const lying = await readDeclarations(build);
  const paths = lying.flatMap((declaration) => declaration.paths);
  const kept = await placeSource(await job.source(), build, paths);
  applySlugignore(build, kept);
  return kept.length === paths.length ? lying : [];
}

function environmentOf(instructions: Instructions, workshop: Workshop): Record<string, string> {
  return buildEnvironment({
    stack: instructions.stack,
    buildId: instructions.id,
    sourceVersion: instructions.sourceVersion,
    trust: workshop.trust,
    nodePath: workshop.nodePath,
    npmPath: workshop.npmPath,
    depsFolder: join(workshop.paths.build, depsPath),
    depsBeforeFolder: depsBefore(workshop.paths.work),
  });
}

/** The config var BUILDPACK_URL goes before what is installed on the app, as on Heroku. */
function buildpacksOf(instructions: Instructions): readonly string[] {
  const override = instructions.env.BUILDPACK_URL;
  return override === undefined || override === "" ? instructions.buildpacks : [override];
}

async function runBuildpacks(chosen: readonly Chosen[], runner: BuildpackRunner, workshop: Workshop): Promise<void> {
  for (const [index, { buildpack, name }] of chosen.entries()) {
    workshop.output.topic(`${name} app detected`);
    const before = chosen.slice(0, index).map((earlier) => earlier.buildpack);
    const { status, tail } = await runner.compile(buildpack, before);
    await runner.report(buildpack);
    if (status === 0) continue;
    const { build } = workshop.paths;
    if (saysDiskIsFull(tail) || (await fullDisk(build)) !== undefined) throw await diskFullFail(build);
    if (saysProcessesRanOut(tail)) throw processesFail();
    throw new CompileFail(`Push rejected, failed to compile ${name} app.`, [], {
      reason: warningsIn(tail) ?? `${buildpack.label} ended with exit status ${status}.`,
    });
  }
}

/** The buildpack's last words, in Heroku's shape of a warning: they say why. */
function warningsIn(tail: string): string | undefined {
  const lines = tail.split("\n").filter((line) => line.startsWith(" !     "));
  const words = lines.slice(-5).map((line) => line.slice(7).trim());
  return words.length === 0 ? undefined : words.join(" ").slice(0, 500);
}

/** What is declared now; what only the last build declared leaves the build folder. */
async function settleDeclarations(build: string, before: readonly Declaration[]): Promise<Declaration[]> {
  const declared = await readDeclarations(build);
  for (const { name, paths } of declared) {
    for (const path of paths) {
      if (lstatSync(join(build, path), { throwIfNoEntry: false })?.isDirectory() !== true)
        throw new CompileFail(
          `A buildpack declared dependencies that are not there: ${path} (${name}) is no directory`,
        );
    }
  }
  for (const path of forsakenPaths(before, declared)) await rm(join(build, path), { recursive: true, force: true });
  await writeDeclarations(build, declared);
  return declared;
}

function announce(released: Released, output: Output): void {
  output.topic("Launching...");
  output.detail(`Released v${released.version}`);
  output.detail(
    released.isPromotion ? "The platform takes it up, part by part" : `${released.webUrl} deployed to Quine`,
  );
}
