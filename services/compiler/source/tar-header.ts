import { CompileFail } from "../compile-fail.ts";

/** One 512-byte header of a tar archive, before pax and GNU extensions are applied. */
export interface TarHeader {
  readonly path: string;
  readonly mode: number;
  readonly bytes: number;
  readonly type: string;
  readonly link: string;
}

export const blockBytes = 512;

/** @returns undefined for the block of zeros that ends an archive. @throws CompileFail when it is not a tar header. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (number(block, 148, 8) !== checksum(block))
    throw new CompileFail("The source is not a tar archive, or it is damaged");
  const ustar = block.subarray(257, 262).toString("latin1") === "ustar";
  // GNU's own variant ("ustar  ") uses the prefix field for other things.
  const posix = ustar && block[262] === 0;
  const prefix = posix ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8),
    bytes: number(block, 124, 12),
    type: String.fromCharCode(block[156] ?? 0),
    link: text(block, 157, 100),
  };
}

/** Records of a pax header: `<length> <key>=<value>\n`. @throws CompileFail when they do not add up. */
export function parsePax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < body.length) {
    const blank = body.indexOf(0x20, offset);
    const length = blank < 0 ? Number.NaN : Number(body.subarray(offset, blank).toString("latin1"));
    if (!Number.isInteger(length) || length <= blank - offset || offset + length > body.length)
      throw new CompileFail("The source archive has a damaged pax header");
    const record = body.subarray(blank + 1, offset + length - 1).toString("utf8");
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset += length;
  }
  return records;
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString("utf8");
}

/** Octal digits, or GNU's base 256 when the first bit is set. */
function number(block: Buffer, offset: number, length: number): number {
  const field = block.subarray(offset, offset + length);
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new CompileFail("The source archive has a file of impossible size");
    return value;
  }
  const digits = field
    .toString("latin1")
    .replace(/[\0 ]+$/, "")
    .trim();
  if (!/^[0-7]*$/.test(digits)) throw new CompileFail("The source is not a tar archive, or it is damaged");
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}
