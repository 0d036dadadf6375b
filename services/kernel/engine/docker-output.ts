import type { OutputLine } from "./port.ts";

/** A longer line comes in pieces of at most this many bytes. */
export const lineBytesMax = 64 * 1024;

/** What the engine writes before each entry when asked for timestamps: 30 characters of RFC 3339 with nanoseconds, and a blank. */
const stampBytes = 31;
const headerBytes = 8;
/** The engine's entries are 16 KB at most; a header that claims more is not a header. */
const entryBytesMax = 1024 * 1024;
const newline = 0x0a;

type Stream = OutputLine["stream"];

/** A line that has begun: its pieces, and when the first one came. */
interface Begun {
  pieces: Buffer[];
  bytes: number;
  at: Date;
}

/**
 * Turns the engine's log stream (frames of stdout and stderr, each with a timestamp) into lines, as the bytes come in:
 * a chunk is looked at where it lies, and only a frame cut in two by the chunk's end is copied.
 * A frame without a line end is the beginning of a longer line.
 */
export class OutputReader {
  readonly #begun: Record<Stream, Begun> = { stdout: nothing(), stderr: nothing() };
  #rest: Buffer = Buffer.alloc(0);
  /** Timestamp of the last entry read, and how many with the same one were: where a second reading goes on. */
  #lastStamp = "";
  #lastCount = 0;
  #skipCount = 0;

  get hasBegun(): boolean {
    return this.#lastStamp !== "";
  }

  /** The lines that end in this chunk. */
  *read(chunk: Uint8Array): Generator<OutputLine> {
    const arrived = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const buffer = this.#rest.length === 0 ? arrived : Buffer.concat([this.#rest, arrived]);
    let offset = 0;
    while (buffer.length - offset >= headerBytes) {
      const entryBytes = buffer.readUInt32BE(offset + 4);
      if (entryBytes > entryBytesMax) throw new Error(`Bug: an output frame of ${entryBytes} bytes`);
      const end = offset + headerBytes + entryBytes;
      if (end > buffer.length) break;
      yield* this.#readEntry(buffer[offset] === 2 ? "stderr" : "stdout", buffer.subarray(offset + headerBytes, end));
      offset = end;
    }
    this.#rest = buffer.subarray(offset);
  }

  /**
   * The next chunk comes from a new stream that was asked for the entries since the last one: what was read already is passed over.
   * @returns the engine's `since` for it; undefined when nothing was read yet.
   */
  resume(): { since: string } | undefined {
    this.#rest = Buffer.alloc(0);
    if (this.#lastStamp === "") return undefined;
    this.#skipCount = this.#lastCount;
    return { since: `${Date.parse(`${this.#lastStamp.slice(0, 19)}Z`) / 1000}.${this.#lastStamp.slice(20, 29)}` };
  }

  /** The lines that were begun and have no end. */
  *end(): Generator<OutputLine> {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#begun[stream].bytes > 0) yield line(stream, this.#begun[stream]);
    }
  }

  *#readEntry(stream: Stream, entry: Buffer): Generator<OutputLine> {
    const stamp = entry.toString("latin1", 0, stampBytes - 1);
    if (this.#skipCount > 0 && stamp === this.#lastStamp) {
      this.#skipCount--;
      return;
    }
    this.#lastCount = stamp === this.#lastStamp ? this.#lastCount + 1 : 1;
    this.#lastStamp = stamp;
    this.#skipCount = 0;

    const begun = this.#begun[stream];
    const isLineEnd = entry[entry.length - 1] === newline;
    const text = entry.subarray(stampBytes, isLineEnd ? -1 : undefined);
    if (begun.bytes === 0) begun.at = new Date(`${stamp.slice(0, 23)}Z`);
    begun.pieces.push(text);
    begun.bytes += text.length;
    while (begun.bytes > lineBytesMax) {
      const all = Buffer.concat(begun.pieces);
      const cut = characterStart(all, lineBytesMax);
      yield line(stream, { pieces: [all.subarray(0, cut)], bytes: cut, at: begun.at });
      begun.pieces = [all.subarray(cut)];
      begun.bytes = all.length - cut;
    }
    if (!isLineEnd) return;
    yield line(stream, begun);
    begun.pieces = [];
    begun.bytes = 0;
  }
}

/** The last place at or before `limit` where a UTF-8 character begins; `limit` itself where the bytes are not UTF-8. */
function characterStart(bytes: Buffer, limit: number): number {
  for (let at = limit; at > limit - 4; at--) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return limit;
}

function line(stream: Stream, { pieces, at }: Begun): OutputLine {
  const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  return { stream, at, text: bytes.toString("utf8") };
}

function nothing(): Begun {
  return { pieces: [], bytes: 0, at: new Date(0) };
}
