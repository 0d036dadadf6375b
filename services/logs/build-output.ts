import { Wake } from "./wake.ts";

/**
 * One build's output: all of it up to a limit, and beyond that its first half and its last: how a build began and why it failed
 * are what people look for. Lines are numbered; a reader is a number.
 */
export class BuildOutput {
  readonly #halfBytesMax: number;
  readonly #head: string[] = [];
  #headBytes = 0;
  #isHeadFull = false;
  #tail: string[] = [];
  #tailBytes = 0;
  /** Number of the first line of the tail. */
  #tailFirst = 0;
  #hasBegun = false;
  #hasEnded = false;
  readonly readers = new Set<BuildReader>();

  constructor(bytesMax: number) {
    this.#halfBytesMax = Math.floor(bytesMax / 2);
  }

  get bytes(): number {
    return this.#headBytes + this.#tailBytes;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** @returns false when the output had ended already. */
  push(line: string): boolean {
    if (this.#hasEnded) return false;
    this.#hasBegun = true;
    const bytes = Buffer.byteLength(line) + 1;
    if (!this.#isHeadFull && this.#headBytes + bytes <= this.#halfBytesMax) {
      this.#head.push(line);
      this.#headBytes += bytes;
      this.#tailFirst++;
    } else {
      this.#isHeadFull = true;
      this.#tail.push(line);
      this.#tailBytes += bytes;
      if (this.#tailBytes > this.#halfBytesMax) this.#shortenTail();
    }
    this.#wakeAll();
    return true;
  }

  end(): void {
    this.#hasBegun = true;
    this.#hasEnded = true;
    this.#wakeAll();
  }

  /** @returns the line of that number, or how many lines from there on are gone, or undefined when it is yet to come. */
  at(number: number): string | { readonly gone: number } | undefined {
    if (number < this.#head.length) return this.#head[number];
    if (number < this.#tailFirst) return { gone: this.#tailFirst - number };
    return this.#tail[number - this.#tailFirst];
  }

  /** To nine tenths, so that it is not done at every line. */
  #shortenTail(): void {
    let count = 0;
    while (this.#tailBytes > this.#halfBytesMax * 0.9 && count < this.#tail.length - 1) {
      this.#tailBytes -= Buffer.byteLength(this.#tail[count] ?? "") + 1;
      count++;
    }
    this.#tail = this.#tail.slice(count);
    this.#tailFirst += count;
  }

  #wakeAll(): void {
    for (const reader of this.readers) reader.wake.wake();
  }
}

export class BuildReader {
  readonly wake = new Wake();
  readonly output: BuildOutput;
  #number = 0;

  constructor(output: BuildOutput) {
    this.output = output;
    output.readers.add(this);
  }

  close(): void {
    this.output.readers.delete(this);
    this.wake.wake();
  }

  /** @returns the next text of about `bytesMax` bytes, "" when there is none yet. */
  take(bytesMax: number): string {
    let text = "";
    while (text.length < bytesMax) {
      const line = this.output.at(this.#number);
      if (line === undefined) break;
      if (typeof line === "string") {
        text += `${line}\n`;
        this.#number++;
      } else {
        text += ` !     ${line.gone} lines of output are not kept here: there were too many.\n`;
        this.#number += line.gone;
      }
    }
    return text;
  }
}
