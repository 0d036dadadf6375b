import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../services/kernel/run-program.ts";
import { freePort, nowMs } from "./machine.ts";
import type { Section } from "./page.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const timeoutMs = 20 * 60_000;

/** A platform brought up from a clean clone, with the stack image there; it stays until it is removed. */
export interface Fresh {
  readonly section: Section;
  /** What `bin/quine env` says of it. */
  readonly environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

export async function upFromClone(): Promise<Fresh> {
  const folder = await mkdtemp(join(tmpdir(), "quine-bench-clone-"));
  const clone = join(folder, "quine");
  const dataDir = "/var/lib/quine-bench";
  await runProgram("git", ["clone", "--quiet", repository, clone]);
  const quine = (...args: string[]) =>
    runProgram(
      "env",
      ["-u", "HEROKU_HOST", "QUINE_NAME=quine-bench", `QUINE_DATA=${dataDir}`, join(clone, "bin/quine"), ...args],
      { timeoutMs },
    );
  const remove = async () => {
    await quine("destroy", "--yes");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ports = ["--port", String(await freePort()), "--tls-port", String(await freePort())];
    const began = nowMs();
    await quine("up", "--yes", ...ports);
    const tookSeconds = (nowMs() - began) / 1000;
    const environment = parseExports(await quine("env"));
    return { environment, remove, section: section(tookSeconds) };
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
}

function section(tookSeconds: number): Section {
  return {
    title: "bin/quine up",
    about:
      "A clean clone on a machine that has an engine and the stack image: npm packages, boot, the platform builds itself and promotes that, the sample app answers.",
    unit: "s",
    rows: [{ name: "bin/quine up --yes", samples: [tookSeconds] }],
    ratios: [],
    notes: ["To be at most 180 s."],
  };
}

/** `export NAME='value'` lines. */
export function parseExports(text: string): Record<string, string> {
  const lines = text.matchAll(/^export ([A-Z_]+)='((?:[^']|'\\'')*)'$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value.replaceAll("'\\''", "'")]));
}
