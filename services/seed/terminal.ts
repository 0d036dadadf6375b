/** Where progress goes. One line a finished step; what a step says meanwhile stands below it, indented. */
export interface Terminal {
  /** A line of its own. */
  line(text: string): void;
  /** A step that takes time has begun; gone again when it is finished (only on a real terminal). */
  begin(name: string): void;
  /** What the running step is doing, or a line of output of a program that it runs. */
  say(text: string): void;
  /** The step is over. */
  finish(mark: "done" | "kept" | "failed", name: string, note: string, tookMs: number): void;
  /** Asks a yes/no question; only called where somebody can answer. */
  readonly isInteractive: boolean;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const marks = { done: "✓", kept: "·", failed: "✗" } as const;
const colors = { done: "32", kept: "2", failed: "31" } as const;

/** @param options.color whether to colour; @param options.isInteractive whether a person sits there. */
export function createTerminal(stream: Stream, options: { color: boolean; isInteractive: boolean }): Terminal {
  const paint = (code: string, text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  let isPending = false;
  const clear = () => {
    if (isPending) stream.write("\r\u001b[K");
    isPending = false;
  };
  return {
    isInteractive: options.isInteractive,
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    begin(name) {
      if (stream.isTTY !== true) return;
      clear();
      stream.write(`  ${paint("36", "…")} ${name}`);
      isPending = true;
    },
    say(text) {
      clear();
      for (const line of text.split("\n")) stream.write(`      ${paint("2", printable(line))}\n`);
    },
    finish(mark, name, note, tookMs) {
      clear();
      const time = mark === "kept" ? "" : `${(tookMs / 1000).toFixed(1)} s`;
      stream.write(`  ${paint(colors[mark], marks[mark])} ${name.padEnd(18)} ${note.padEnd(48)} ${time}`.trimEnd());
      stream.write("\n");
    },
  };
}

/** Output of builds reaches a person's terminal: no control characters of theirs do. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/\u001b\[[0-9;]*m/g, "").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
