import { createInterface } from "node:readline/promises";

/** Asks on the terminal. @returns whether the answer was yes. */
export async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(question)).trim());
}

/** @returns the line that was typed; "" when the terminal went away. */
export async function askLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const gone = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    return await Promise.race([lines.question(question), gone]);
  } finally {
    lines.close();
  }
}
