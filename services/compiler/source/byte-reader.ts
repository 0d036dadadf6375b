import { CompileFail } from "../compile-fail.ts";

/** Takes exact numbers of bytes off a stream of chunks, holding one chunk at a time. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Exactly `bytes`, or undefined when the stream had ended before the first of them. @throws CompileFail when it ends within. */
  async take(bytes: number): Promise<Buffer | undefined> {
    if (this.#rest.length < bytes) {
      const parts = [this.#rest];
      let have = this.#rest.length;
      while (have < bytes) {
        const next = await this.#chunks.next();
        if (next.done === true) {
          if (have === 0) return undefined;
          throw new CompileFail("The source archive ends in the middle of a file");
        }
        parts.push(next.value);
        have += next.value.length;
      }
      this.#rest = Buffer.concat(parts);
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  /** Hands on `bytes` in pieces as they come. */
  async each(bytes: number, use: (piece: Buffer) => void): Promise<void> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw new CompileFail("The source archive ends in the middle of a file");
        this.#rest = next.value;
        continue;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      use(piece);
    }
  }

  /** Reads what follows to its end, so that a checksum there is looked at; not more than `bytesMax`. */
  async drain(bytesMax: number): Promise<void> {
    let bytes = 0;
    for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next()) {
      bytes += next.value.length;
      if (bytes > bytesMax) throw new CompileFail("The source archive goes on long after its end");
    }
  }
}
