import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "../kernel/engine/port.ts";
import { Problem, sentence } from "../kernel/problem.ts";
import { parseRequest, type Request } from "./arguments.ts";
import { readConfig, type SeedConfig } from "./config.ts";
import { environmentLines } from "./environment-lines.ts";
import { helpText } from "./help.ts";
import { takeLock } from "./lock.ts";
import { requireSaved } from "./saved.ts";
import { readSecrets } from "./secrets.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

/** Exit statuses: 0 done · 1 failed, with the reason · 2 the command line is wrong. */
const exits = { done: 0, failed: 1, usage: 2 } as const;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Each command loads what it needs and no more: `env` stands in people's shell profiles, and the engine's client alone takes half a second.
 * @returns the exit status.
 */
async function run(request: Request, config: SeedConfig, terminal: Terminal): Promise<number> {
  switch (request.command) {
    case "up":
      await (await import("./up.ts")).up(request, config, root, terminal);
      return exits.done;
    case "engine":
      await (await import("./up.ts")).engineOnly(request, config, root, terminal);
      return exits.done;
    case "stack": {
      const { stackOnly } = await import("./up.ts");
      process.stdout.write(`${await stackOnly(request, config, root, terminal)}\n`);
      return exits.done;
    }
    case "status": {
      const { status } = await import("./status.ts");
      const platform = await requireSaved(request.wanted);
      const isWell = await status(await engineAt(platform.engineSocket), platform, terminal);
      return isWell ? exits.done : exits.failed;
    }
    case "down": {
      const { takeDown } = await import("./down.ts");
      const platform = await requireSaved(request.wanted);
      const release = await takeLock(platform.name);
      await takeDown(await engineAt(platform.engineSocket), platform, terminal);
      release();
      terminal.line(`${platform.name} is down; its data stays in ${platform.dataDir}.`);
      return exits.done;
    }
    case "destroy": {
      const { confirmDestroy, destroy, destroyable } = await import("./destroy.ts");
      const { platform, hasData } = await destroyable(request, config.engineSocket);
      await confirmDestroy(request, platform, terminal);
      const release = await takeLock(platform.name);
      await destroy(await engineAt(platform.engineSocket), platform, hasData, terminal);
      release();
      terminal.line(`${platform.name} is gone.`);
      return exits.done;
    }
    case "env": {
      const platform = await requireSaved(request.wanted);
      const secrets = await readSecrets(platform.dataDir);
      if (secrets === undefined)
        throw new Problem("conflict", "The platform has no token yet: go on with bin/quine up");
      for (const line of environmentLines(platform, secrets.apiToken, `${root}/bin/quine`)) {
        process.stdout.write(`${line}\n`);
      }
      return exits.done;
    }
    default:
      return request.command satisfies never;
  }
}

async function engineAt(socketPath: string): Promise<Engine> {
  return (await import("../kernel/engine/docker.ts")).createDockerEngine(socketPath);
}

async function main(): Promise<number> {
  const config = readConfig(process.env);
  const request = parseRequest(process.argv.slice(2), config.variables);
  if (request.help) {
    process.stdout.write(helpText(request.command));
    return exits.done;
  }
  // What a program reads goes to stdout (env, stack), what a person reads to stderr, but where that is all there is.
  const stream = request.command === "env" || request.command === "stack" ? process.stderr : process.stdout;
  const terminal = createTerminal(stream, {
    color: stream.isTTY === true && !config.noColor,
    isInteractive: process.stdin.isTTY === true && stream.isTTY === true,
  });
  return run(request, config, terminal);
}

try {
  process.exitCode = await main();
} catch (thrown) {
  for (const line of sentence(thrown).split("\n")) process.stderr.write(`quine: ${line}\n`);
  if (!(thrown instanceof Problem) && thrown instanceof Error && thrown.message.startsWith("Bug:"))
    process.stderr.write(`${thrown.stack}\n`);
  process.exitCode = thrown instanceof Problem && thrown.id === "bad_request" ? exits.usage : exits.failed;
}
// Keep-alive connections of the adapters would hold the process for seconds.
process.exit();
