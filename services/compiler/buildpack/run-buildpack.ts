import { access } from "node:fs/promises";
import { join } from "node:path";
import { CompileFail } from "../compile-fail.ts";
import type { Output } from "../output.ts";
import { type ProgramResult, runProgram } from "../process-group.ts";
import type { Buildpack } from "./fetch-buildpack.ts";

/** The folders and the environment of one build, and the running of buildpacks' programs in them (contract §5.5). */
export interface BuildpackRunner {
  /** What the buildpack calls the app, or undefined when the app is not for it. */
  detect(buildpack: Buildpack): Promise<string | undefined>;
  /** @param before buildpacks that ran already: their `export` files are sourced first. */
  compile(buildpack: Buildpack, before: readonly Buildpack[]): Promise<ProgramResult>;
  /** What `bin/release` printed; empty when there is none. */
  release(buildpack: Buildpack): Promise<string>;
  /** Runs `bin/report` for its own sake: a failure of it is nothing to the build. */
  report(buildpack: Buildpack): Promise<void>;
}

/** Detection, release and report are questions: they have an answer soon. */
const answerMsMax = 60_000;
const answerBytesMax = 64 * 1024;

export function createBuildpackRunner(options: {
  build: string;
  cache: string;
  env: string;
  environment: Readonly<Record<string, string>>;
  output: Output;
  /** Where the output goes once it is full: resolves when there is room. */
  flushed: () => Promise<void>;
  signal: AbortSignal;
}): BuildpackRunner {
  const { build, cache, env, environment, output } = options;
  const answer = async (buildpack: Buildpack, program: string, ...rest: string[]) => {
    let text = "";
    const late = AbortSignal.timeout(answerMsMax);
    const result = await runProgram([join(buildpack.folder, "bin", program), ...rest], {
      directory: build,
      environment,
      signal: AbortSignal.any([options.signal, late]),
      use: (bytes) => {
        if (text.length < answerBytesMax) text += Buffer.from(bytes).toString("utf8");
      },
      useErrors: () => {},
    }).catch((thrown: unknown) => {
      if (!late.aborted || options.signal.aborted) throw thrown;
      throw new CompileFail(
        `The buildpack ${buildpack.label} did not end bin/${program} within ${answerMsMax / 1000} s`,
      );
    });
    return { status: result.status, text };
  };

  return {
    async detect(buildpack) {
      const { status, text } = await answer(buildpack, "detect", build);
      if (status !== 0) return undefined;
      return nameOf(text) ?? buildpack.label;
    },
    async compile(buildpack, before) {
      const exports = before.map(({ folder }) => join(folder, "export"));
      // A shell sources what earlier buildpacks export, then becomes the buildpack.
      const script =
        'while [ "$1" != -- ]; do if [ -f "$1" ]; then . "$1" > /dev/null 2>&1 || true; fi; shift; done; shift; exec "$@"';
      const compile = [join(buildpack.folder, "bin", "compile"), build, cache, env];
      return await runProgram(["bash", "-c", script, "bash", ...exports, "--", ...compile], {
        directory: build,
        environment,
        signal: options.signal,
        use: async (bytes) => {
          output.raw(bytes);
          await options.flushed();
        },
      });
    },
    async release(buildpack) {
      if (!(await isPresent(join(buildpack.folder, "bin", "release")))) return "";
      const { status, text } = await answer(buildpack, "release", build);
      if (status !== 0)
        throw new CompileFail(`The buildpack ${buildpack.label} failed in bin/release (exit status ${status})`);
      return text;
    },
    async report(buildpack) {
      if (!(await isPresent(join(buildpack.folder, "bin", "report")))) return;
      await answer(buildpack, "report", build, cache, env).catch(() => {});
    },
  };
}

/** The first line that detection printed, made fit for a message. */
function nameOf(text: string): string | undefined {
  const line =
    text
      .split("\n")[0]
      ?.replace(/[^\x20-\x7e]/g, "")
      .trim() ?? "";
  return line === "" ? undefined : line.slice(0, 60);
}

async function isPresent(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
