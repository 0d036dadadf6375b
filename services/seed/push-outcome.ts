/** How a `git push` ended. `busy`: another push or build of the app runs, or ended just then; `away`: the platform did not answer just then. */
export type PushOutcome = "done" | "busy" | "away" | "failed";

const busy =
  /Another (push to|build of) .* is running|main has moved since you fetched it|was changed by another push meanwhile/;
const away = /returned error: 50[234]|Failed to connect|Connection (refused|reset)|Empty reply|hung up unexpectedly/i;

/** @param lines what git printed last. */
export function outcomeOf(status: number | null, lines: readonly string[]): PushOutcome {
  if (status === 0) return "done";
  if (lines.some((line) => busy.test(line))) return "busy";
  return lines.some((line) => away.test(line)) ? "away" : "failed";
}
