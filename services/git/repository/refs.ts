/** Full ref name → object id. */
export type Refs = Readonly<Record<string, string>>;

/** One line of what a pusher wants: a ref and its object id before and after; {@link noObject} where there is none. */
export interface RefCommand {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

export const noObject = "0".repeat(40);

/** The refs as they are after the commands. */
export function applyCommands(refs: Refs, commands: readonly RefCommand[]): Refs {
  const next: Record<string, string> = { ...refs };
  for (const { ref, after } of commands) {
    if (after === noObject) delete next[ref];
    else next[ref] = after;
  }
  return next;
}

/** True when each ref the commands name is still as the pusher saw it. */
export function commandsApply(refs: Refs, commands: readonly RefCommand[]): boolean {
  return commands.every(({ ref, before }) => (refs[ref] ?? noObject) === before);
}

/** True when each ref the commands name is as the pusher wants it. */
export function commandsAreDone(refs: Refs, commands: readonly RefCommand[]): boolean {
  return commands.every(({ ref, after }) => (refs[ref] ?? noObject) === after);
}

/** The branch a clone checks out, and that deploys: main, or master where only that exists. */
export function headOf(refs: Refs): string {
  return refs["refs/heads/main"] === undefined && refs["refs/heads/master"] !== undefined
    ? "refs/heads/master"
    : "refs/heads/main";
}

/** Input of `git update-ref -z --stdin` that leads from one set of refs to another. */
export function refChanges(from: Refs, to: Refs): string {
  const gone = Object.keys(from).filter((name) => to[name] === undefined);
  const set = Object.entries(to).filter(([name, sha]) => from[name] !== sha);
  return [...gone.map((name) => `delete ${name}\0\0`), ...set.map(([name, sha]) => `update ${name}\0${sha}\0\0`)].join(
    "",
  );
}

export function sameRefs(one: Refs, other: Refs): boolean {
  return refChanges(one, other) === "";
}
