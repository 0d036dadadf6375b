import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildEnvironment } from "./buildpack/build-environment.ts";
import { chooseBuildpacks } from "./buildpack/choose-buildpacks.ts";
import { createBuildpackRunner } from "./buildpack/run-buildpack.ts";
import type { Config } from "./config.ts";
import { createLocalJob } from "./job/local-job.ts";
import { packLayers } from "./layer/pack-layers.ts";
import { planLayers } from "./layer/plan-layers.ts";
import { createSquashfs } from "./layer/squashfs.ts";
import { createOutput } from "./output.ts";
import { findProcessTypes } from "./process-types.ts";
import { placeSource } from "./source/place-source.ts";

const files = {
  "package.json": '{"name":"self-check","private":true}\n',
  Procfile: "web: node web.js\n",
} as const;

/**
 * Takes an app of two files through every part of a build that needs nothing of the world: source, detection, process types, layers,
 * storing. The platform runs it before it takes up a new compiler; `bin/compile` is left out, since it downloads a Node.
 * @returns one line that says what was made.
 * @throws Error that says what does not work.
 */
export async function selfCheck(
  options: Pick<Config, "stack" | "trust" | "nodePath" | "npmPath"> & {
    readonly flushed: () => Promise<void>;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "quine-self-check-"));
  try {
    return await buildTiny(root, options);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function buildTiny(root: string, options: Parameters<typeof selfCheck>[0]): Promise<string> {
  const { signal, flushed, stack } = options;
  const names = ["source", "build", "cache", "env", "output", "stored", "buildpacks"] as const;
  for (const name of names) await mkdir(join(root, name));
  const build = join(root, "build");
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, "source", name), text);
  const job = createLocalJob({ source: join(root, "source"), output: join(root, "stored"), envDir: undefined, stack });
  await placeSource(await job.source(), build, []);

  const environment = buildEnvironment({
    ...options,
    buildId: "self-check",
    sourceVersion: undefined,
    depsFolder: join(root, "deps"),
    depsBeforeFolder: join(root, "deps-before"),
  });
  // What a build prints is for who pushed; here one line is the answer.
  const output = createOutput(() => {});
  const folders = { build, cache: join(root, "cache"), env: join(root, "env") };
  const runner = createBuildpackRunner({ ...folders, environment, output, flushed, signal });
  const folder = join(root, "buildpacks");
  const chosen = await chooseBuildpacks({ named: [], folder, environment, runner, output, signal });
  const types = await findProcessTypes(build, chosen, runner, output);
  if (types.web === undefined) throw new Error("the Procfile's process type web was not found");

  const steps = planLayers({ before: [], layersBefore: [], declared: [], touched: new Set() });
  const squashfs = createSquashfs({ environment, signal });
  const packed = await packLayers(steps, { build, output: join(root, "output") }, squashfs);
  for (const { layer, path } of packed) if (path !== undefined) await job.store(layer, "slug", path);
  const stored = await readdir(join(root, "stored"));
  const layer = packed[0]?.layer;
  if (layer === undefined || !stored.includes(`${layer.digest.slice("sha256:".length)}.sqfs`))
    throw new Error("no image was stored");
  return `Self-check: ${chosen.map(({ name }) => name).join(", ")} app of ${stored.length} layer, ${layer.bytes} bytes`;
}
