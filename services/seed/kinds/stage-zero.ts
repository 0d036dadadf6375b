import { chown, mkdir, readdir, readFile, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { extraCaPath } from "../../kernel/dyno/dyno.ts";
import type { ContainerSpec } from "../../kernel/engine/port.ts";
import { dataPaths, dynoUser, labels, type Platform } from "../../kernel/platform.ts";
import { Problem, sentence } from "../../kernel/problem.ts";
import { runProgram } from "../../kernel/run-program.ts";
import { done, type Kind, missing } from "../runner.ts";
import { parseCompiled, readSlugA, writeSlugA } from "../slug-a.ts";
import { stack } from "../stack.ts";
import type { World } from "../world.ts";
import { trustPaths } from "./trust.ts";

/**
 * The first slug: this checkout, compiled by this checkout's compiler in a plain container of the stack image.
 * From then on the platform compiles itself in its own dynos.
 */
export const stageZero: Kind<World, { readonly timeLimitMs: number }> = {
  async check({ platform }) {
    const slug = await readSlugA(platform);
    if (slug === undefined) return missing("not compiled");
    const megabytes = slug.layers.reduce((sum, layer) => sum + layer.bytes, 0) / 1e6;
    return done(`${slug.commit.slice(0, 12)}, ${megabytes.toFixed(1)} MB`);
  },
  async act(world, { timeLimitMs }) {
    const { platform, checkout, engine, terminal } = world;
    const folder = `${platform.dataDir}/stage-0`;
    const name = stageZeroName(platform);
    await engine.removeContainer(name);
    await rm(folder, { recursive: true, force: true });
    for (const part of [folder, `${folder}/tmp`, `${folder}/output`])
      await mkdir(part, { recursive: true, mode: 0o755 });
    for (const part of [`${folder}/tmp`, `${folder}/output`]) await chown(part, dynoUser.uid, dynoUser.gid);

    const snapshot = await checkout.snapshot(`${platform.dataDir}/snapshot`);
    terminal.say(`compiling ${snapshot.commit.slice(0, 12)}`);
    await checkout.archive(snapshot, `${folder}/source.tar`);
    const id = await engine.createContainer(await compileContainer(world, name, folder));
    try {
      await engine.startContainer(id);
      const reading = new AbortController();
      const words = followed(world, id, reading.signal);
      const { exitStatus } = await engine.waitContainer(id, AbortSignal.timeout(timeLimitMs));
      // What it printed last is still on its way; the container stays until it has been read.
      const enough = setTimeout(() => reading.abort(), 5_000);
      const last = await words;
      clearTimeout(enough);
      if (exitStatus !== 0)
        throw new Problem(
          "service_unavailable",
          `This checkout could not be compiled (exit status ${exitStatus}): ${last.join("; ")}`,
        );
    } finally {
      await engine.removeContainer(id);
    }
    const slug = parseCompiled(await readFile(`${folder}/output/slug.json`, "utf8"), snapshot.commit);
    for (const file of await readdir(`${folder}/output`)) {
      if (!/^[0-9a-f]{64}\.sqfs$/.test(file)) continue;
      await runProgram("chown", ["root:root", `${folder}/output/${file}`]);
      await rename(`${folder}/output/${file}`, `${dataPaths.layers(platform.dataDir)}/${file}`);
    }
    await writeSlugA(platform, slug);
    await rm(folder, { recursive: true, force: true });
  },
};

/** Shows the output as it comes. @returns the last lines, for when it fails; a stream that breaks ends there. */
async function followed({ engine, terminal }: World, id: string, signal: AbortSignal): Promise<string[]> {
  const last: string[] = [];
  try {
    for await (const line of engine.followOutput(id, { signal })) {
      terminal.say(line.text);
      last.push(line.text.trim());
      if (last.length > 4) last.shift();
    }
  } catch (error) {
    last.push(`(its output broke off: ${sentence(error)})`);
  }
  return last;
}

async function compileContainer({ platform, checkout }: World, name: string, folder: string): Promise<ContainerSpec> {
  const npm = await hostNpm();
  const { build, dyno } = JSON.parse(await readFile(trustPaths(platform).settings, "utf8")) as Record<
    "dyno" | "build",
    Record<string, string>
  >;
  return {
    name,
    image: platform.stackImage,
    command: [
      "/usr/bin/tini", "-g", "--",
      "/checkout/node_modules/.bin/node", "/checkout/services/compiler/main.ts",
      "--source", "/stage-0/source.tar", "--output", "/output", "--stack", stack.name, "--npm", npm,
    ], // biome-ignore format: a command line
    env: { ...dyno, ...build, HOME: "/tmp", LANG: "C.UTF-8" },
    labels: { [labels.platform]: platform.name, [labels.kind]: "stage-0" },
    user: `${dynoUser.uid}:${dynoUser.gid}`,
    network: { kind: "network", name: "bridge" },
    workingDir: "/tmp",
    binds: [
      { source: checkout.root, target: "/checkout", readOnly: true },
      // npm's own packages may lie beside it, as Debian has them.
      { source: dirname(npm), target: dirname(npm), readOnly: true },
      { source: `${folder}/source.tar`, target: "/stage-0/source.tar", readOnly: true },
      { source: `${folder}/output`, target: "/output" },
      { source: `${folder}/tmp`, target: "/tmp" },
      { source: trustPaths(platform).extraCa, target: extraCaPath, readOnly: true },
    ],
    capDrop: ["ALL"],
    securityOptions: ["no-new-privileges"],
    pidsMax: 2048,
    outputBytesMax: 4 * 1024 * 1024,
  };
}

/** Folder of the host's npm: it fetches the slug's own Node and npm. */
async function hostNpm(): Promise<string> {
  const program = (await runProgram("bash", ["-c", "command -v npm || true"])).trim();
  const script = program === "" ? "" : await realpath(program);
  if (!script.endsWith("/bin/npm-cli.js"))
    throw new Problem(
      "conflict",
      "npm is not where Node's programs are: install Node with its npm, or Debian's package npm",
    );
  return dirname(dirname(script));
}

function stageZeroName(platform: Platform): string {
  return `${platform.name}-stage-0`;
}
