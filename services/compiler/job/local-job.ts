import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Job } from "./job.ts";

/**
 * Stage 0: the source is a directory or an archive, and the slug is files in `output`: `<hex>.sqfs` of each layer, and `slug.json`
 * last of all, so that where it is, all is.
 */
export function createLocalJob(options: {
  source: string;
  output: string;
  envDir: string | undefined;
  stack: string;
}): Job {
  return {
    async instructions() {
      return {
        id: "local",
        appName: "local",
        stack: options.stack,
        sourceVersion: undefined,
        buildpacks: [],
        env: options.envDir === undefined ? {} : await readEnvDir(options.envDir),
        deps: [],
        cache: undefined,
        slugBytesMax: 2 * 1024 ** 3,
      };
    },
    async source() {
      const { source } = options;
      const isDirectory = (await stat(source)).isDirectory();
      return isDirectory ? packed(source) : createReadStream(source, { highWaterMark: 256 * 1024 });
    },
    async store(image, kind, path) {
      // There is no next build here that a cache could serve.
      if (kind === "cache") return;
      await mkdir(options.output, { recursive: true });
      const target = join(options.output, `${image.digest.slice("sha256:".length)}.sqfs`);
      // Through a name of its own: a layer file is whole wherever it is seen. The output may be on another disk than the build.
      await copyFile(path, `${target}.part`);
      await rename(`${target}.part`, target);
      await rm(path);
    },
    async succeed(result) {
      const slug = {
        stack: options.stack,
        layers: result.layers,
        processTypes: result.processTypes,
        buildpack: result.buildpack,
        notes: result.notes,
      };
      const target = join(options.output, "slug.json");
      await writeFile(`${target}.part`, `${JSON.stringify(slug, null, 2)}\n`);
      await rename(`${target}.part`, target);
      return undefined;
    },
    async fail() {},
  };
}

async function readEnvDir(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}

/** A directory goes the way every source goes: as an archive. */
async function* packed(folder: string): AsyncIterable<Buffer> {
  const tar = spawn(
    "tar",
    ["-C", folder, "--exclude=./.git", "--exclude=./node_modules", "--hard-dereference", "-cf", "-", "."],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const closed = once(tar, "close") as Promise<[number | null]>;
  for await (const chunk of tar.stdout) yield chunk as Buffer;
  const [status] = await closed;
  if (status !== 0) throw new Error(`Cannot read the source ${folder}: tar ended with status ${status}`);
}
