import { lineBytesMax } from "../../services/kernel/engine/docker-output.ts";
import type { ContainerSpec, OutputLine } from "../../services/kernel/engine/port.ts";

/** What a fake container runs: called at each start, it prints, ends, and hears signals through its process. */
export type FakeProgram = (process: FakeProcess) => void;

export interface FakeProcess {
  readonly spec: ContainerSpec;
  /** 1 at the first start, 2 at the next. */
  readonly startCount: number;
  print(stream: OutputLine["stream"], text: string | Uint8Array): void;
  exit(status: number): void;
  /** Every signal but SIGKILL, which no program hears. */
  onSignal(handler: (signal: string) => void): void;
}

/** Runs until it is asked to stop, as most programs do. */
export const untilStopped: FakeProgram = (process) => {
  process.onSignal((signal) => {
    if (signal === "SIGTERM" || signal === "SIGINT") process.exit(signal === "SIGTERM" ? 143 : 130);
  });
};

/** Collects what was printed into lines, those over the limit in pieces. */
export class FakeOutput {
  readonly lines: OutputLine[] = [];
  readonly #open: Record<OutputLine["stream"], Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  print(stream: OutputLine["stream"], text: string | Uint8Array, at: Date): void {
    let rest = Buffer.concat([this.#open[stream], Buffer.from(text as string)]);
    for (;;) {
      const end = rest.indexOf("\n");
      if (end >= 0 && end <= lineBytesMax) {
        this.lines.push({ stream, at, text: rest.toString("utf8", 0, end) });
        rest = rest.subarray(end + 1);
      } else if (rest.length > lineBytesMax) {
        this.lines.push({ stream, at, text: rest.toString("utf8", 0, lineBytesMax) });
        rest = rest.subarray(lineBytesMax);
      } else break;
    }
    this.#open[stream] = rest;
  }

  /** The process ended: what it began is a line too. */
  end(at: Date): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#open[stream].length > 0) this.print(stream, "\n", at);
    }
  }
}
