import { setTimeout as wait } from "node:timers/promises";
import { Problem } from "../../kernel/problem.ts";
import type { App, Rollout } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import type { Terminal } from "./terminal.ts";

const lookAgainMs = 1_000;

/**
 * Tells the pusher how the release comes up. The push has succeeded by now: whatever happens here is told as a warning.
 * @param signal ends the waiting: the time is over, or the service stops (which it does when the platform replaces it, in a push of its own source).
 */
export async function watchRollout(
  api: Api,
  app: App,
  token: string,
  releaseId: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let seen: readonly string[] = [];
  try {
    for (;;) {
      const rollout = await look(api, app, token, releaseId, signal);
      if (rollout?.status === "pending") {
        const lines = linesOf(rollout);
        for (const line of newLines(seen, lines)) terminal.line(`       ${line}`);
        seen = lines;
      } else if (rollout !== undefined) {
        for (const line of verdict(rollout, seen)) terminal.line(line);
        return;
      }
      await wait(lookAgainMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof Problem)) throw error;
    const why = signal.aborted ? "it goes on" : (error as Problem).message;
    terminal.line(` !     Verifying deploy... not finished (${why}). See: quine ps -a ${app.name}`);
  }
}

/** The last lines, for a rollout that is decided. */
export function verdict(rollout: Rollout, seen: readonly string[]): string[] {
  const lines = newLines(seen, linesOf(rollout)).map((line) => `       ${line}`);
  switch (rollout.status) {
    case "up":
      return [...lines, "Verifying deploy... done."];
    case "none":
      return [...lines, "Verifying deploy... done, no dyno to start."];
    case "crashed":
      return [
        " !     Warning: the release stands, but it does not come up.",
        ...lines.map((line) => ` !     ${line.trim()}`),
      ];
    case "pending":
      return lines;
    default:
      throw new Error(`Bug: a rollout cannot be ${rollout.status satisfies never}`);
  }
}

/** A message grows by lines while a promotion goes on; where it changed otherwise, all of it is new. */
export function newLines(seen: readonly string[], lines: readonly string[]): readonly string[] {
  return seen.every((line, index) => lines[index] === line) ? lines.slice(seen.length) : lines;
}

function linesOf({ message }: Rollout): string[] {
  return message.split("\n").filter((line) => line.trim() !== "");
}

async function look(api: Api, app: App, token: string, releaseId: string, signal: AbortSignal) {
  try {
    return await api.rollout(app, token, releaseId, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Problem && (error.id === "service_unavailable" || error.id === "rate_limit")) return undefined;
    throw error;
  }
}
