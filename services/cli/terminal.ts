import { createPaint, type Paint } from "./paint.ts";

/** Where a command speaks: results to standard output, everything about how it goes to standard error. */
export interface Terminal {
  /** Colours of standard output. */
  readonly paint: Paint;
  readonly errorPaint: Paint;
  readonly canAsk: boolean;
  /** A line of the result. */
  line(text?: string): void;
  /** A piece of the result, as it is. Resolves when more may be written. */
  write(text: string): Promise<void>;
  /** A line about how it goes. */
  note(text: string): void;
  /** `Doing it... done, v12`: the part after "done" is what `work` resolves with. */
  action<T>(title: string, work: () => Promise<T>, after?: (result: T) => string): Promise<T>;
  /** One line from the keyboard; "" at its end. */
  ask(question: string): Promise<string>;
}

export function createTerminal(hasColours: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  const errorPaint = createPaint(hasColours && stderr.isTTY === true);
  return {
    paint: createPaint(hasColours && stdout.isTTY === true),
    errorPaint,
    canAsk: stdin.isTTY === true && stderr.isTTY === true,
    line: (text = "") => void stdout.write(`${text}\n`),
    write: (text) => new Promise((resolve) => void stdout.write(text, () => resolve())),
    note: (text) => void stderr.write(`${text}\n`),
    async action(title, work, after) {
      stderr.write(`${title}... `);
      try {
        const result = await work();
        stderr.write(`done${after === undefined ? "" : `, ${after(result)}`}\n`);
        return result;
      } catch (thrown) {
        stderr.write(`${errorPaint.bad("!")}\n`);
        throw thrown;
      }
    },
    async ask(question) {
      const { createInterface } = await import("node:readline/promises");
      // The terminal's own line editing is enough, and leaves the screen as it is.
      const reader = createInterface({ input: stdin, output: stderr, terminal: false });
      try {
        const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
        return await Promise.race([reader.question(question), ended]);
      } finally {
        reader.close();
      }
    },
  };
}
