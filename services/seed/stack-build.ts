import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Readable } from "node:stream";
import { Problem, sentence } from "../kernel/problem.ts";
import { runProgram } from "../kernel/run-program.ts";
import { aptOptions, debianSources } from "./apt-sources.ts";
import type { EngineApi } from "./engine-api.ts";
import { stack } from "./stack.ts";
import { splitCertificates } from "./trust.ts";

/** Where Debian looks for certificates of this machine's own. */
const authorities = "/usr/local/share/ca-certificates";

interface BuildOptions {
  readonly extraCa: string;
  /** An image with Debian in it; undefined: from Debian's packages, with no image to begin with. */
  readonly baseImage: string | undefined;
  say(line: string): void;
}

/** Makes the stack image and puts it into the engine. @throws Problem with the last words of what failed. */
export async function buildStackImage(engineApi: EngineApi, name: string, options: BuildOptions): Promise<void> {
  const work = await mkdtemp(`${tmpdir()}/quine-stack-`);
  try {
    await mkdir(`${work}/context`);
    await mkdir(`${work}/context/certificates`);
    for (const [index, certificate] of splitCertificates(options.extraCa).entries())
      await writeFile(`${work}/context/certificates/extra-${index}.crt`, certificate);
    await writeFile(`${work}/context/finish`, stack.finish);
    await writeFile(`${work}/context/apt.conf`, `${(await hostAptOptions()).join("\n")}\n`);
    if (options.baseImage === undefined) await fromPackages(engineApi, name, `${work}/context`, work);
    else await fromBaseImage(engineApi, name, `${work}/context`, options.baseImage, options.say);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** mmdebstrap writes the root file system as a tar, straight into the engine: the image needs no room twice. */
async function fromPackages(engineApi: EngineApi, name: string, context: string, work: string): Promise<void> {
  const sources = debianSources(await hostSources(), stack.release);
  const child = spawn(
    "mmdebstrap",
    [
      "--variant=minbase",
      "--mode=root",
      "--format=tar",
      `--include=${stack.packages.join(",")}`,
      "--dpkgopt=path-exclude=/usr/share/man/*",
      "--dpkgopt=path-exclude=/usr/share/doc/*",
      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
      `--aptopt=${context}/apt.conf`,
      `--customize-hook=mkdir -p "$1${authorities}" && cp -r "${context}/certificates/." "$1${authorities}/"`,
      `--customize-hook=cp "${context}/finish" "$1/root/finish" && chroot "$1" sh /root/finish && rm "$1/root/finish"`,
      stack.release,
      "-",
      ...sources,
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...hostPath, TMPDIR: work, LANG: "C.UTF-8" } },
  );
  await importOutput(engineApi, name, child.stdout, child.stderr, once(child, "close") as Promise<[number | null]>);
}

const hostPath = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" };

async function importOutput(
  engineApi: EngineApi,
  name: string,
  tar: Readable,
  errors: Readable,
  closed: Promise<[number | null]>,
): Promise<void> {
  let words = "";
  errors.setEncoding("utf8");
  errors.on("data", (text: string) => {
    words = (words + text).slice(-8_000);
  });
  // Under a name that nobody uses, until it is known to be whole: a program that fails half-way gives a short tar.
  const draft = `${name}-draft`;
  const imported = engineApi.importImage(draft, tar, stack.changes).then(
    () => undefined,
    (error: unknown) => error,
  );
  const [status] = await closed;
  const failure = await imported;
  if (status !== 0) {
    await engineApi.removeImage(draft);
    throw new Problem(
      "service_unavailable",
      `The stack image could not be made from Debian's packages: ${lastLines(words)}`,
    );
  }
  if (failure !== undefined) throw failure;
  await engineApi.renameImage(draft, name);
}

function lastLines(text: string): string {
  const lines = text.trim().split("\n");
  const errors = lines.filter((line) => /^E:|error|failed/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-4).join("; ");
}

async function fromBaseImage(
  engineApi: EngineApi,
  name: string,
  context: string,
  baseImage: string,
  say: (line: string) => void,
): Promise<void> {
  await writeFile(`${context}/Dockerfile`, dockerfile());
  const tar = spawn("tar", ["-C", context, "-cf", "-", "."], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await engineApi.buildImage(name, tar.stdout, baseImage, say);
  } catch (cause) {
    throw new Problem("service_unavailable", `The stack image could not be made from ${baseImage}: ${sentence(cause)}`);
  }
}

/** The same recipe in the other kitchen. */
export function dockerfile(): string {
  return [
    "ARG BASE",
    "FROM $BASE",
    "COPY apt.conf /etc/apt/apt.conf.d/99quine",
    `COPY certificates ${authorities}/`,
    "COPY finish /root/",
    `RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends ${stack.packages.join(" ")} \\`,
    " && sh /root/finish && rm /root/finish",
    ...stack.changes,
    "",
  ].join("\n");
}

async function hostSources(): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  const names = await readdir("/etc/apt/sources.list.d").catch(() => []);
  for (const path of ["/etc/apt/sources.list", ...names.sort().map((name) => `/etc/apt/sources.list.d/${name}`)]) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) texts[path] = text;
  }
  return texts;
}

async function hostAptOptions(): Promise<string[]> {
  return aptOptions(await runProgram("apt-config", ["dump"]).catch(() => ""));
}
