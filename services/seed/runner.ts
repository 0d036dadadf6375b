import type { Terminal } from "./terminal.ts";

/** Whether a step's work is there, as seen now; `note` says what was found, `because` what is missing. */
export type Check =
  | { readonly isDone: true; readonly note: string }
  | { readonly isDone: false; readonly because: string };

export const done = (note = ""): Check => ({ isDone: true, note });
export const missing = (because: string): Check => ({ isDone: false, because });

/** How steps of one kind are checked and done. Acting on what is half-done must be fine: whoever acted before may have been killed. */
export interface Kind<World, Arguments> {
  check(world: World, args: Arguments): Promise<Check>;
  act(world: World, args: Arguments): Promise<void>;
}

interface AnyStep {
  readonly name: string;
  readonly kind: string;
}

/**
 * Goes through the steps in order: what its check finds done is passed over, the rest is done and checked again. Nothing is
 * remembered between two runs but what the checks see, so a run that was killed anywhere is continued by the next one.
 * @throws Error of the step that failed, after it was shown.
 */
export async function runSteps<S extends AnyStep>(
  steps: readonly S[],
  execute: { check(step: S): Promise<Check>; act(step: S): Promise<void> },
  terminal: Pick<Terminal, "begin" | "finish">,
  clock: () => number,
): Promise<void> {
  for (const step of steps) {
    const began = clock();
    terminal.begin(step.name);
    try {
      const before = await execute.check(step);
      if (before.isDone) {
        terminal.finish("kept", step.name, before.note, clock() - began);
        continue;
      }
      await execute.act(step);
      const after = await execute.check(step);
      if (!after.isDone) throw new Error(`Bug: ${step.name} was done, and still ${after.because}`);
      terminal.finish("done", step.name, after.note, clock() - began);
    } catch (error) {
      terminal.finish("failed", step.name, "", clock() - began);
      throw error;
    }
  }
}
