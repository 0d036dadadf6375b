/** A kept line; `text` is the whole of it as people read it. */
export interface Line {
  readonly source: "app" | "heroku";
  readonly process: string;
  readonly at: string;
  readonly text: string;
}

/** What a line costs beside its letters: the object, its place in the array, string headers. */
const overheadBytes = 120;

/**
 * The last lines of one app: bounded in number and bytes, the oldest go first. Every line has a position that is never used
 * again, so a reader is a number and a slow one costs no memory. No clock, no callback: who asks is told what fell out.
 */
export class Ring {
  readonly #linesMax: number;
  readonly #bytesMax: number;
  #lines: (Line | undefined)[] = [];
  /** Index in #lines of the oldest one kept. */
  #head = 0;
  #first: number;
  #bytes = 0;
  /** Position of the very first line. */
  readonly base: number;

  /** @param first the position of the first line: later than any position of an earlier ring of the same app. */
  constructor(first: number, linesMax: number, bytesMax: number) {
    this.base = first;
    this.#first = first;
    this.#linesMax = linesMax;
    this.#bytesMax = bytesMax;
  }

  /** Position of the oldest line kept. */
  get first(): number {
    return this.#first;
  }

  /** Position the next line will get. */
  get next(): number {
    return this.#first + this.#lines.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  at(position: number): Line | undefined {
    return position < this.#first ? undefined : this.#lines[this.#head + position - this.#first];
  }

  /** @returns the lines that had to go, the oldest first. */
  push(line: Line): Line[] {
    this.#lines.push(line);
    this.#bytes += costBytes(line);
    const dropped: Line[] = [];
    while (this.next - this.#first > this.#linesMax || (this.#bytes > this.#bytesMax && this.next - this.#first > 1)) {
      dropped.push(...this.#shift());
    }
    return dropped;
  }

  /** Drops the older half, for the sake of the other apps. @returns the lines dropped. */
  halve(): Line[] {
    const dropped: Line[] = [];
    for (let count = Math.ceil((this.next - this.#first) / 2); count > 0; count--) dropped.push(...this.#shift());
    return dropped;
  }

  #shift(): Line[] {
    const line = this.#lines[this.#head];
    if (line === undefined) return [];
    this.#lines[this.#head] = undefined;
    this.#head++;
    this.#first++;
    this.#bytes -= costBytes(line);
    // Moving the rest down now and then keeps a push cheap on average.
    if (this.#head > this.#linesMax) {
      this.#lines = this.#lines.slice(this.#head);
      this.#head = 0;
    }
    return [line];
  }
}

function costBytes(line: Line): number {
  return line.text.length * 2 + overheadBytes;
}
