/**
 * `npm test`: everything there is. Makes sure of what tests need (the engine, the stack image, two servers), then goes through the
 * gate and the parts of the suite, the quick ones first; each is run whatever became of the one before.
 * `npm test -- unit contract` runs these parts only. Exit status 0 when nothing failed; the last line says how many passed and failed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PartResult, partResult, summaryLine } from "../test/run/report.ts";

const root = fileURLToPath(new URL("../", import.meta.url)).replace(/\/$/, "");
const minuteMs = 60_000;
/** A part that takes longer has hung. */
const parts = [
  { name: "check", timeLimitMs: 3 * minuteMs },
  { name: "unit", timeLimitMs: 3 * minuteMs },
  { name: "service", timeLimitMs: 6 * minuteMs },
  { name: "contract", timeLimitMs: 6 * minuteMs },
  { name: "system", timeLimitMs: 25 * minuteMs },
] as const;
type Part = (typeof parts)[number];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no part ${unknown}: ${parts.map((part) => part.name).join(", ")}\n`);
  process.exit(2);
}

const environment: Record<string, string | undefined> = {
  ...process.env,
  PATH: `${root}/node_modules/.bin:${process.env.PATH}`,
};
const selected = parts.filter((part) => wanted.length === 0 || wanted.includes(part.name));
const results: PartResult[] = [];
if (await prepare(selected)) {
  for (const part of selected) results.push(await runPart(part));
} else results.push({ passed: 0, failed: 1 });
process.stdout.write(`${summaryLine(results)}\n`);
process.exitCode = results.some((result) => result.failed > 0) ? 1 : 0;

/** @returns false when something that tests need could not be had; what and why is on the terminal. */
async function prepare(selected: readonly Part[]): Promise<boolean> {
  if (selected.some(({ name }) => name === "service")) {
    const programs = await run(`${root}/test/worlds/install-programs`, [], { timeLimitMs: 10 * minuteMs, keep: true });
    if (programs.status !== 0) return false;
    if (programs.output !== "") environment.QUINE_TEST_PROGRAMS = programs.output;
  }
  if (selected.some(({ name }) => name === "contract" || name === "system")) {
    const stack = await run(`${root}/bin/quine`, ["stack", "--yes"], { timeLimitMs: 20 * minuteMs, keep: true });
    if (stack.status !== 0) return false;
    environment.QUINE_STACK_IMAGE = stack.output.split("\n").at(-1);
  }
  return true;
}

async function runPart({ name, timeLimitMs }: Part): Promise<PartResult> {
  process.stdout.write(`\n-----> ${name}\n`);
  if (name === "check") {
    const { status } = await run(`${root}/bin/check`, [], { timeLimitMs });
    return { passed: 0, failed: status === 0 ? 0 : 1 };
  }
  const folder = await mkdtemp(join(tmpdir(), "quine-report-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = await run("vitest", ["run", "--project", name, ...reporters], { timeLimitMs });
  const text = await readFile(report, "utf8").catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
  return partResult(text, status);
}

/** Runs a program in this terminal, its input closed. @param options.keep its standard output comes back instead of being shown. */
async function run(
  program: string,
  args: readonly string[],
  { timeLimitMs, keep = false }: { timeLimitMs: number; keep?: boolean },
): Promise<{ status: number; output: string }> {
  const child = spawn(program, [...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", keep ? "pipe" : "inherit", "inherit"],
  });
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  // Asked to stop, the part takes its world down first; it is ended only when it does not.
  const stop = () => child.kill("SIGTERM");
  const onSignal = () => {
    stop();
    process.exitCode = 130;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const late = setTimeout(() => {
    process.stdout.write(`${program} ${args.join(" ")} took longer than ${timeLimitMs / minuteMs} minutes: stopped\n`);
    stop();
  }, timeLimitMs);
  const tooLate = setTimeout(() => child.kill("SIGKILL"), timeLimitMs + minuteMs);
  const [status] = (await once(child, "close").catch((error: Error) => {
    process.stderr.write(`${program}: ${error.message}\n`);
    return [127];
  })) as [number | null];
  clearTimeout(late);
  clearTimeout(tooLate);
  process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  return { status: status ?? 128, output: output.trim() };
}
