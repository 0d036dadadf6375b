import { statfs } from "node:fs/promises";
import { ingressContainer } from "../kernel/dyno/container.ts";
import type { ContainerFact, Engine } from "../kernel/engine/port.ts";
import { labels, type Platform } from "../kernel/platform.ts";
import { Problem, sentence } from "../kernel/problem.ts";
import { runProgram } from "../kernel/run-program.ts";
import { readBooted } from "./booted.ts";
import { askFront } from "./front.ts";
import { readSecrets } from "./secrets.ts";
import { planStatus, type StatusFacts } from "./status-plan.ts";
import type { Terminal } from "./terminal.ts";

/** `quine status`: needs the engine at most, and says what it can without. @returns whether all is well. */
export async function status(engine: Engine, platform: Platform, terminal: Terminal): Promise<boolean> {
  const report = planStatus(platform, await observe(engine, platform));
  for (const line of report.lines) terminal.line(line);
  for (const problem of report.problems) terminal.line(`! ${problem}`);
  return report.problems.length === 0;
}

async function observe(engine: Engine, platform: Platform): Promise<StatusFacts> {
  const found = await containersOrReason(engine, platform);
  const containers = Array.isArray(found) ? found : [];
  const disk = await statfs(platform.dataDir);
  return {
    now: new Date(),
    engine: Array.isArray(found) ? { version: (await engine.info()).version } : { reason: found.reason },
    isBooted: (await readBooted(platform)) !== undefined,
    dynos: containers.filter((container) => container.labels[labels.kind] === "dyno").map(presentDyno),
    hasIngress: containers.some(
      (container) => container.name === ingressContainer(platform).name && container.state === "running",
    ),
    front: await askAccount(platform),
    usedBytes: Number(
      (
        await runProgram("du", ["--summarize", "--one-file-system", "--block-size=1", platform.dataDir]).catch(
          () => "0",
        )
      ).split(/\s/)[0],
    ),
    freeBytes: disk.bavail * disk.bsize,
  };
}

/** Whose token it is only the database knows, so the answer says that all parts work together. */
async function askAccount(platform: Platform): Promise<StatusFacts["front"]> {
  try {
    const token = (await readSecrets(platform.dataDir))?.apiToken;
    const answer = await askFront(platform, platform.domain, "/account", { timeoutMs: 3_000, token });
    return { status: answer.status };
  } catch (error) {
    return { reason: sentence(error) };
  }
}

async function containersOrReason(engine: Engine, platform: Platform): Promise<ContainerFact[] | { reason: string }> {
  try {
    return await engine.listContainers({ [labels.platform]: platform.name });
  } catch (error) {
    if (error instanceof Problem) return { reason: sentence(error) };
    throw error;
  }
}

function presentDyno(container: ContainerFact): StatusFacts["dynos"][number] {
  return {
    container: container.name,
    app: container.labels[labels.appName] ?? "",
    name: container.labels[labels.dynoName] ?? "",
    release: container.labels[labels.releaseVersion] ?? "",
    isRunning: container.state === "running",
    exitStatus: container.exitStatus,
    startedAt: container.startedAt,
  };
}
