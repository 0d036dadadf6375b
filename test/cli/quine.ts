import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const program = fileURLToPath(new URL("../../services/cli/main.ts", import.meta.url));

/** The command is started many times here; this halves what each start costs. */
const compileCache = fileURLToPath(new URL("../../node_modules/.cache/quine", import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a user who has nothing but what is given. */
export function bareEnvironment(variables: Readonly<Record<string, string>>): Record<string, string> {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  return {
    NODE_COMPILE_CACHE: compileCache,
    PATH: path,
    HOME: "/nonexistent",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
    QUINE_DATA: "/nonexistent",
    ...variables,
  };
}

/** Runs the command as a user does: a process of its own, no terminal. */
export async function quine(
  words: readonly string[],
  options: { variables?: Readonly<Record<string, string>>; folder?: string; input?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: options.folder ?? "/",
    env: bareEnvironment(options.variables ?? {}),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}

/** A folder that is gone after `use`. */
export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quine-cli-test-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
