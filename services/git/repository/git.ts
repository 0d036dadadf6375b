import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Problem } from "../../kernel/problem.ts";
import type { Home } from "./home.ts";

/** What git was asked and could not do; the message holds git's own words. */
export class GitFailure extends Error {}

export interface GitOptions {
  readonly input?: string | Readable;
  /** Added to the home's environment: a quarantine's object folders. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The git program, as the service itself runs it in a bare repository (what a client asks for goes through http/backend.ts). */
export interface Git {
  /** @returns standard output, at most 64 MB. @throws GitFailure when git ends with anything but 0. */
  run(repository: string, command: readonly string[], options?: GitOptions): Promise<string>;
  /** Standard output to a file. @throws the file's `tooLarge` beyond its `bytesMax`; GitFailure. */
  toFile(
    repository: string,
    command: readonly string[],
    file: { readonly path: string; readonly bytesMax: number; readonly tooLarge: Problem },
    options?: GitOptions,
  ): Promise<{ bytes: number; digest: string }>;
}

const outputBytesMax = 64 * 1024 * 1024;
const timeLimitMs = 600_000;

export function createGit(home: Home): Git {
  const start = (repository: string, command: readonly string[], options: GitOptions) => {
    const child = spawn("git", ["--git-dir", repository, ...command], {
      env: { ...home.environment, ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: timeLimitMs,
      signal: options.signal,
    });
    let complaint = "";
    child.stderr.on("data", (chunk) => {
      if (complaint.length < 4096) complaint += chunk;
    });
    child.stdin.on("error", () => {});
    if (options.input instanceof Readable) options.input.pipe(child.stdin);
    else child.stdin.end(options.input);
    const ended = once(child, "close").then(([status, signal]) => {
      if (status !== 0)
        throw new GitFailure(`git ${command[0]} ended with ${status ?? signal}: ${complaint.trim().slice(0, 1000)}`);
    });
    ended.catch(() => {});
    return { child, ended };
  };

  return {
    async run(repository, command, options = {}) {
      const { child, ended } = start(repository, command, options);
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > outputBytesMax) {
          child.kill("SIGKILL");
          throw new GitFailure(`git ${command[0]} printed more than ${outputBytesMax} bytes`);
        }
        chunks.push(chunk);
      }
      await ended;
      return Buffer.concat(chunks).toString("utf8");
    },
    async toFile(repository, command, { path, bytesMax, tooLarge }, options = {}) {
      const { child, ended } = start(repository, command, options);
      const hash = createHash("sha256");
      let bytes = 0;
      const meter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          if (bytes > bytesMax) return done(tooLarge);
          hash.update(chunk);
          done(null, chunk);
        },
      });
      try {
        await pipeline(child.stdout, meter, createWriteStream(path, { mode: 0o600 }));
        await ended;
      } finally {
        child.kill("SIGKILL");
      }
      return { bytes, digest: `sha256:${hash.digest("hex")}` };
    },
  };
}
