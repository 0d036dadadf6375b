import { once } from "node:events";
import { buildPaths } from "../kernel/platform.ts";
import { sentence } from "../kernel/problem.ts";
import { compile } from "./compile.ts";
import { CompileFail } from "./compile-fail.ts";
import { type Config, readConfig } from "./config.ts";
import { diskFullFail, fullDisk, isDiskFullError } from "./disk.ts";
import type { Job } from "./job/job.ts";
import { createLocalJob } from "./job/local-job.ts";
import { createPlatformJob } from "./job/platform-job.ts";
import { createOutput } from "./output.ts";
import { createPhases } from "./phases.ts";
import { selfCheck } from "./self-check.ts";

/** Exit statuses: 0 a slug was made · 1 the source's fault, or a self-check that failed · 70 a fault of the platform · 143 told to stop. */
const exits = { made: 0, sourceFault: 1, checkFailed: 1, platformFault: 70, stopped: 143 } as const;

const output = createOutput((bytes) => process.stdout.write(bytes));
const flushed = async () => {
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
};

async function main(config: Config): Promise<number> {
  // Modes of what is unpacked and installed must not depend on who started us.
  process.umask(0o022);
  const stop = new AbortController();
  // Asked to stop (a cancelled build, the time limit): the running program's group is killed, and no result is handed in.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort(new Error("stopped")));
  if (config.work.kind === "self-check") return await check(config, stop.signal);
  const job = createJob(config, config.work);
  try {
    await compile(job, {
      paths: { ...buildPaths, work: "/tmp/work" },
      trust: config.trust,
      nodePath: config.nodePath,
      npmPath: config.npmPath,
      output,
      flushed,
      phases: createPhases(() => performance.now()),
      signal: stop.signal,
    });
    return exits.made;
  } catch (thrown) {
    if (stop.signal.aborted) return exits.stopped;
    const fail = await failOf(thrown);
    if (fail !== undefined) {
      output.warn(fail.message);
      for (const hint of fail.hints) output.warn(hint);
      await tell(job, fail.record);
      return exits.sourceFault;
    }
    output.warn(
      "The build failed by a fault of the platform, not of your source. Try again, and report this if it stays:",
    );
    output.warn(sentence(thrown));
    if (thrown instanceof Error && thrown.stack !== undefined) process.stderr.write(`${thrown.stack}\n`);
    await tell(job, `The compiler failed: ${sentence(thrown)}`);
    return exits.platformFault;
  }
}

async function check(config: Config, signal: AbortSignal): Promise<number> {
  try {
    process.stdout.write(`${await selfCheck({ ...config, flushed, signal })}\n`);
    return exits.made;
  } catch (thrown) {
    process.stderr.write(`Self-check failed: ${sentence(thrown)}\n`);
    return exits.checkFailed;
  }
}

/** A failure that cannot be handed in is still one: the platform sees a dyno that ended without a result. */
async function tell(job: Job, message: string): Promise<void> {
  await job
    .fail(message)
    .catch((thrown: unknown) => output.warn(`The failure could not be handed in: ${sentence(thrown)}`));
}

function createJob({ trust, stack }: Config, work: Exclude<Config["work"], { readonly kind: "self-check" }>): Job {
  return work.kind === "platform" ? createPlatformJob({ ...work, trust }) : createLocalJob({ ...work, stack });
}

/** A full disk shows itself in whatever failed for want of room: it is named for what it is. */
async function failOf(thrown: unknown): Promise<CompileFail | undefined> {
  if (thrown instanceof CompileFail) return thrown;
  const isFull = isDiskFullError(thrown) || (await fullDisk(buildPaths.build).catch(() => undefined)) !== undefined;
  return isFull ? await diskFullFail(buildPaths.build, thrown) : undefined;
}

let config: Config;
try {
  config = readConfig(process.env, process.argv.slice(2), process.execPath);
} catch (thrown) {
  process.stderr.write(`${sentence(thrown)}\n`);
  process.exit(64);
}
const status = await main(config);
await flushed();
process.exit(status);
