import { isToken, isValue } from "./characters.ts";

/** What {@link BodyFraming.advance} returns when the bytes are all of the body and more must come. */
export const unfinished = -1;
/** … and when they break the grammar of chunks. */
export const malformed = -2;

const sizeFirst = 0;
const size = 1;
const extensionName = 2;
const extensionNameMore = 3;
const extensionValue = 4;
const extensionValueMore = 5;
const extensionQuoted = 6;
const extensionQuotedPair = 7;
const extensionAfterQuoted = 8;
const sizeLineEnd = 9;
const data = 10;
const dataEnd = 11;
const dataLineEnd = 12;
const trailerStart = 13;
const trailerName = 14;
const trailerValue = 15;
const trailerLineEnd = 16;
const lastLineEnd = 17;

/** Digits of a chunk's size: 2^48 bytes, well below where numbers lose their last digits. */
const sizeDigitsMax = 12;
/** Bytes of one chunk's extensions, and of all trailers. */
const extensionBytesMax = 1_024;
const trailerBytesMax = 8_192;

/**
 * Where a body ends in a stream of bytes that are passed on as they are (RFC 9112 §6 and §7). Chunks are read byte by byte outside their
 * data, strictly: what one reader takes for a size and another for data is how requests are smuggled.
 */
export class BodyFraming {
  #kind: "length" | "chunked" | "close" = "length";
  #remaining = 0;
  #state = sizeFirst;
  #digits = 0;
  #extraBytes = 0;
  #trailer = "";
  #isForbiddenTrailer: (name: string) => boolean = () => false;

  /** The body is this many bytes; 0 is no body. */
  startLength(bytes: number): void {
    this.#kind = "length";
    this.#remaining = bytes;
  }

  /** @param isForbiddenTrailer is asked about each trailer's name in lower case */
  startChunked(isForbiddenTrailer: (name: string) => boolean = () => false): void {
    this.#kind = "chunked";
    this.#remaining = 0;
    this.#state = sizeFirst;
    this.#digits = 0;
    this.#extraBytes = 0;
    this.#isForbiddenTrailer = isForbiddenTrailer;
  }

  /** The body ends with the connection. */
  startUntilClose(): void {
    this.#kind = "close";
  }

  get isUntilClose(): boolean {
    return this.#kind === "close";
  }

  /** @returns the index after the body's last byte, {@link unfinished} or {@link malformed} */
  advance(bytes: Uint8Array, from: number): number {
    if (this.#kind === "close") return unfinished;
    if (this.#kind === "chunked") return this.#advanceChunked(bytes, from);
    const taken = Math.min(this.#remaining, bytes.length - from);
    this.#remaining -= taken;
    return this.#remaining === 0 ? from + taken : unfinished;
  }

  #advanceChunked(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length) {
      if (this.#state === data) {
        const taken = Math.min(this.#remaining, bytes.length - at);
        this.#remaining -= taken;
        at += taken;
        if (this.#remaining === 0) this.#state = dataEnd;
        continue;
      }
      const next = this.#step(bytes[at] ?? 0);
      if (next === malformed) return malformed;
      at += 1;
      if (this.#state === lastLineEnd && next === sizeFirst) return at;
      this.#state = next;
    }
    return unfinished;
  }

  /** The state after one byte outside the data, or {@link malformed}. After the very last byte: sizeFirst. */
  #step(code: number): number {
    const isReturn = code === 0x0d;
    switch (this.#state) {
      case sizeFirst:
      case size: {
        const digit = hexDigit(code);
        if (digit >= 0) {
          this.#digits += 1;
          this.#remaining = this.#remaining * 16 + digit;
          return this.#digits > sizeDigitsMax ? malformed : size;
        }
        if (this.#state === sizeFirst) return malformed;
        this.#extraBytes = 0;
        return isReturn ? sizeLineEnd : code === 0x3b ? extensionName : malformed;
      }
      case sizeLineEnd:
        if (code !== 0x0a) return malformed;
        this.#digits = 0;
        this.#extraBytes = 0;
        return this.#remaining === 0 ? trailerStart : data;
      case dataEnd:
        return isReturn ? dataLineEnd : malformed;
      case dataLineEnd:
        return code === 0x0a ? sizeFirst : malformed;
      case lastLineEnd:
        return code === 0x0a ? sizeFirst : malformed;
      case trailerStart:
      case trailerName:
      case trailerValue:
      case trailerLineEnd:
        this.#extraBytes += 1;
        return this.#extraBytes > trailerBytesMax ? malformed : this.#stepTrailer(code, isReturn);
      default:
        this.#extraBytes += 1;
        return this.#extraBytes > extensionBytesMax ? malformed : this.#stepExtension(code, isReturn);
    }
  }

  #stepTrailer(code: number, isReturn: boolean): number {
    switch (this.#state) {
      case trailerStart:
        if (isReturn) return lastLineEnd;
        this.#trailer = String.fromCharCode(code);
        return isToken(code) ? trailerName : malformed;
      case trailerName:
        if (code === 0x3a) return this.#isForbiddenTrailer(this.#trailer.toLowerCase()) ? malformed : trailerValue;
        this.#trailer += String.fromCharCode(code);
        return isToken(code) ? trailerName : malformed;
      case trailerValue:
        return isReturn ? trailerLineEnd : isValue(code) ? trailerValue : malformed;
      default:
        return code === 0x0a ? trailerStart : malformed;
    }
  }

  #stepExtension(code: number, isReturn: boolean): number {
    switch (this.#state) {
      case extensionName:
        return isToken(code) ? extensionNameMore : malformed;
      case extensionNameMore:
        if (isToken(code)) return extensionNameMore;
        return code === 0x3d ? extensionValue : afterExtension(code, isReturn);
      case extensionValue:
        return code === 0x22 ? extensionQuoted : isToken(code) ? extensionValueMore : malformed;
      case extensionValueMore:
        return isToken(code) ? extensionValueMore : afterExtension(code, isReturn);
      case extensionQuoted:
        if (code === 0x22) return extensionAfterQuoted;
        if (code === 0x5c) return extensionQuotedPair;
        return isValue(code) ? extensionQuoted : malformed;
      case extensionQuotedPair:
        return isValue(code) ? extensionQuoted : malformed;
      default:
        return afterExtension(code, isReturn);
    }
  }
}

function afterExtension(code: number, isReturn: boolean): number {
  return isReturn ? sizeLineEnd : code === 0x3b ? extensionName : malformed;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
