import { setTimeout as wait } from "node:timers/promises";
import { Problem } from "../../kernel/problem.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import type { App, Rollout } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import type { Terminal } from "./terminal.ts";

/** Between two looks: short at first, the API itself holds an answer until there is something to say. */
const lookAgainMs = [50, 100, 200, 400, 1_000];

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
    for (let looks = 0; ; looks += 1) {
      const rollout = await look(api, app, token, releaseId, signal);
      if (rollout !== undefined) {
        const lines = linesOf(rollout);
        for (const line of report(app.name, rollout.status, changedLines(seen, lines))) terminal.line(line);
        if (rollout.status !== "pending") return;
        seen = lines;
      }
      await wait(lookAgainMs[Math.min(looks, lookAgainMs.length - 1)], undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted && !(error instanceof Problem)) throw error;
    const why = signal.aborted ? "it goes on" : (error as Problem).message;
    terminal.line(` !     Verifying deploy... not finished (${why}). See: quine ps -a ${app.name}`);
  }
}

/**
 * What is printed of an answer. Of the platform's own source the steps are the story; of an app only the end is, as Heroku has it.
 * @param lines of its message that the pusher has not seen.
 */
export function report(appName: string, status: Rollout["status"], lines: readonly string[]): string[] {
  const story = appName === platformAppName ? lines.map((line) => `       ${line}`) : [];
  switch (status) {
    case "pending":
      return story;
    case "up":
      return [...story, "Verifying deploy... done."];
    case "none":
      return [...story, "Verifying deploy... done, no dyno to start."];
    case "crashed":
      return [...crashWarning(appName), ...lines.map((line) => ` !     ${line}`)];
    default:
      throw new Error(`Bug: a rollout cannot be ${status satisfies never}`);
  }
}

/** An app keeps its release, crashed or not; a promotion of the platform was undone, so no release of it stands. */
function crashWarning(appName: string): string[] {
  if (appName !== platformAppName) return [" !     Warning: the release stands, but it does not come up."];
  return [" !     Every part runs what it ran before; push a commit that mends it."];
}

/** Lines of a message that were others, or none, the time before: it grows, or a line of it changes. */
export function changedLines(seen: readonly string[], lines: readonly string[]): readonly string[] {
  return lines.filter((line, index) => seen[index] !== line);
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
