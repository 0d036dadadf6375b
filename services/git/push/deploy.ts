import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Problem } from "../../kernel/problem.ts";
import type { App, Build, Source } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import type { Hydration } from "../repository/hydrate.ts";
import type { Journal } from "./journal.ts";
import type { Terminal } from "./terminal.ts";

export interface Deployment {
  readonly app: App;
  readonly token: string;
  /** The cached repository, and the environment in which git sees the push's objects. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly commit: string;
  readonly sourceBytesMax: number;
}

/** Between two looks at a build that has not ended, or an output that broke off: short at first, as the end is near when the output is. */
const lookAgainMs = [50, 100, 200, 400, 1_000];
const waitBefore = (look: number, signal: AbortSignal) =>
  wait(lookAgainMs[Math.min(look, lookAgainMs.length - 1)], undefined, { signal });

/**
 * Builds a commit as the pusher: archive → source → journal → build, its output on the terminal as it comes. A build that failed, or
 * never was, closes the journal; where this ends while nobody knows, it stays open.
 * @returns the release it made, if any. @throws Problem with the reason when there is none to come.
 */
export async function deploy(
  hydration: Hydration,
  api: Api,
  deployment: Deployment,
  journal: Journal,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ releaseId: string | undefined }> {
  await warnOfSubmodules(hydration, deployment, terminal);
  const source = await uploadSource(hydration, api, deployment, signal);
  const { app, token, commit } = deployment;
  await journal.open(commit);
  const begun = await journal.begin(() => api.createBuild(app, token, source, commit, signal));
  if (begun.outputUrl !== undefined) await follow(api, deployment, begun, begun.outputUrl, terminal, signal);
  terminal.flush();
  const build = await settled(api, deployment, begun.id, signal);
  if (build.status === "failed") {
    await journal.close();
    throw new Problem("invalid_params", build.failure ?? "The build failed");
  }
  return { releaseId: build.releaseId };
}

async function warnOfSubmodules({ git }: Hydration, { path, environment, commit }: Deployment, terminal: Terminal) {
  const listed = await git.run(path, ["ls-tree", "--name-only", commit, ".gitmodules"], { environment });
  if (listed !== "") terminal.line(" !     Warning: submodules are not fetched, their folders will be empty.");
}

async function uploadSource(
  { git, home }: Hydration,
  api: Api,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<Source> {
  const { app, token, path, environment, commit, sourceBytesMax } = deployment;
  const file = join(home.work, `${app.id}-${commit}.tar`);
  const size = `${Math.floor(sourceBytesMax / 1_048_576)} MB`;
  const tooLarge = new Problem("payload_too_large", `The source is larger than ${size}: take large files out of it`);
  try {
    // Spooled, since the length is to be known before the first byte is sent.
    const { bytes } = await git.toFile(
      path,
      ["archive", "--format=tar", commit],
      { path: file, bytesMax: sourceBytesMax, tooLarge },
      { environment, signal },
    );
    const source = await api.createSource(app, token, signal);
    await api.upload(source, bytes, createReadStream(file), signal);
    return source;
  } finally {
    await rm(file, { force: true });
  }
}

/** Prints the output to its end. Where the stream breaks off, it goes on from the byte it was at, for as long as the build does. */
async function follow(
  api: Api,
  { app, token }: Deployment,
  { id }: Build,
  url: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let printedBytes = 0;
  let hasEnded = false;
  for (let looks = 0; !signal.aborted; looks += 1) {
    try {
      let position = 0;
      for await (const chunk of (await api.output(url, signal)) as AsyncIterable<Buffer>) {
        const seen = Math.min(chunk.length, Math.max(0, printedBytes - position));
        position += chunk.length;
        if (seen === chunk.length) continue;
        terminal.foreign(chunk.subarray(seen));
        printedBytes = position;
      }
      return;
    } catch {
      // Once more after the build's end, for its last lines; then what is lost is lost.
      if (hasEnded) return;
      const build = await look(api, app, token, id, signal);
      hasEnded = build !== undefined && build.status !== "pending";
      if (!hasEnded) await waitBefore(looks, signal);
    }
  }
}

/** The build once it is decided: the API itself ends builds that take too long. */
async function settled(api: Api, { app, token }: Deployment, id: string, signal: AbortSignal): Promise<Build> {
  for (let looks = 0; ; looks += 1) {
    const build = await look(api, app, token, id, signal);
    if (build !== undefined && build.status !== "pending") return build;
    await waitBefore(looks, signal);
  }
}

/** @returns undefined when the API is away for the moment: it is replaced now and then, the build is not. */
async function look(api: Api, app: App, token: string, id: string, signal: AbortSignal): Promise<Build | undefined> {
  try {
    return await api.build(app, token, id, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem && (error.id === "service_unavailable" || error.id === "rate_limit")) return undefined;
    throw error;
  }
}
