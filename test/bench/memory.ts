import { readFile } from "node:fs/promises";
import { labels } from "../../services/kernel/platform.ts";
import { runProgram } from "../../services/kernel/run-program.ts";
import { systemAppNamed } from "../../services/kernel/system-apps.ts";
import type { Section } from "./page.ts";
import type { Measured } from "./samples.ts";
import type { Target } from "./target.ts";

const pauseMs = 5_000;

/** Proportional set sizes of every process of the idle platform; the engine's own and the apps of tenants apart. */
export async function idleMemory(target: Target, rounds: number): Promise<Section> {
  const byPart = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const sums = new Map<string, number>();
    for (const fact of await target.engine.listContainers({ [labels.platform]: target.platform.name })) {
      if (fact.state !== "running") continue;
      const part = partOf(fact.labels);
      if (part === undefined) continue;
      sums.set(part, (sums.get(part) ?? 0) + (await memoryOf(fact.id)));
    }
    sums.set(
      "all",
      [...sums.values()].reduce((total, part) => total + part, 0),
    );
    for (const [part, sum] of sums) byPart.set(part, [...(byPart.get(part) ?? []), sum]);
  }
  const rows: Measured[] = [...byPart].map(([name, samples]) => ({ name, samples }));
  return {
    title: "Memory of the idle platform",
    about:
      "Sum of PSS of the processes in the containers of each part; the engine and its shims apart, and tenants' apps too.",
    unit: "MB",
    rows,
    ratios: [],
    notes: ["To be at most 450 MB in all."],
  };
}

function partOf(given: Readonly<Record<string, string>>): string | undefined {
  if (given[labels.kind] !== "dyno") return "sandboxes";
  const app = given[labels.appName] ?? "";
  return systemAppNamed(app) === undefined ? undefined : app;
}

/** In MB. */
async function memoryOf(containerId: string): Promise<number> {
  const table = await runProgram("docker", ["top", containerId, "-o", "pid"]);
  let kilobytes = 0;
  for (const pid of table.split("\n").slice(1).filter(Boolean)) {
    // A process that ended meanwhile takes none.
    const rollup = await readFile(`/proc/${pid.trim()}/smaps_rollup`, "utf8").catch(() => "");
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes / 1024;
}
