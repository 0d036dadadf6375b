import { isToken, isValue } from "./characters.ts";

/** Longest line of a request head, the name and the line end included (Heroku's limit). */
export const lineBytesMax = 8 * 1024;
/** Longest head. */
export const headBytesMax = 64 * 1024;
export const headersMax = 128;

/** Finds the few header names a proxy must look at among the many it only passes on, without making a string of the others. */
export class NameIndex {
  /** By length of name: a bit for each first letter that a wanted name of that length has. */
  readonly #firstLetters = new Uint32Array(32);
  readonly #names: ReadonlySet<string>;

  /** @param names lower case, beginning with a letter, shorter than 32 */
  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    for (const name of names) {
      const bits = this.#firstLetters[name.length] ?? 0;
      this.#firstLetters[name.length] = bits | (1 << (name.charCodeAt(0) - 97));
    }
  }

  /** The wanted name, in lower case, that stands at text[start..end), or undefined. */
  find(text: string, start: number, end: number): string | undefined {
    const bits = this.#firstLetters[end - start] ?? 0;
    if (bits === 0 || (bits & (1 << ((text.charCodeAt(start) | 32) - 97))) === 0) return undefined;
    const name = text.slice(start, end).toLowerCase();
    return this.#names.has(name) ? name : undefined;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}

export interface HeaderVisitor {
  /** @returns false when the line must not be passed on. */
  visit(name: string, value: string): boolean;
}

export type HeaderFault = { readonly fault: "bad header" | "oversized header" };
const badHeader: HeaderFault = { fault: "bad header" };
const oversizedHeader: HeaderFault = { fault: "oversized header" };

/**
 * Reads the header lines of a head strictly and shows the visitor those whose names are in `names`.
 * Refused: obsolete folding, blanks around names, control characters, a CR or LF that is not a line end.
 * @param text a head with the line end of its last line, without the empty line; one character a byte
 * @param from where the line end of the start line is
 * @returns the lines that may be passed on, each with its line end before it: slices of the text, joined only where a line was left out
 */
export function scanHeaders(
  text: string,
  from: number,
  names: NameIndex,
  visitor: HeaderVisitor,
  bytesMax: number,
): string | HeaderFault {
  const last = text.length - 2;
  let kept = "";
  let runStart = from;
  let lineStart = from;
  let count = 0;
  while (lineStart < last) {
    const nameStart = lineStart + 2;
    let cursor = nameStart;
    let hasUnderscore = false;
    let code = text.charCodeAt(cursor);
    while (isToken(code)) {
      if (code === 0x5f) hasUnderscore = true;
      cursor += 1;
      code = text.charCodeAt(cursor);
    }
    const nameEnd = cursor;
    if (code !== 0x3a || nameEnd === nameStart) return badHeader;
    do {
      cursor += 1;
      code = text.charCodeAt(cursor);
    } while (code === 0x20 || code === 0x09);
    const valueStart = cursor;
    let valueEnd = cursor;
    while (isValue(code)) {
      cursor += 1;
      if (code !== 0x20 && code !== 0x09) valueEnd = cursor;
      code = text.charCodeAt(cursor);
    }
    if (code !== 0x0d || text.charCodeAt(cursor + 1) !== 0x0a) return badHeader;
    count += 1;
    if (cursor - lineStart > bytesMax || count > headersMax) return oversizedHeader;
    const isKept = hasUnderscore
      ? !isDisguised(text.slice(nameStart, nameEnd), names)
      : keep(text, nameStart, nameEnd, valueStart, valueEnd, names, visitor);
    if (!isKept) {
      kept += text.slice(runStart, lineStart);
      runStart = cursor;
    }
    lineStart = cursor;
  }
  return kept === "" && runStart === from ? text.slice(from, last) : kept + text.slice(runStart, last);
}

function keep(
  text: string,
  nameStart: number,
  nameEnd: number,
  valueStart: number,
  valueEnd: number,
  names: NameIndex,
  visitor: HeaderVisitor,
): boolean {
  const name = names.find(text, nameStart, nameEnd);
  return name === undefined || visitor.visit(name, text.slice(valueStart, valueEnd));
}

/** `Content_Length` and `X_Forwarded_Proto` become the real names in CGI-like servers: they are never passed on. */
function isDisguised(name: string, names: NameIndex): boolean {
  return names.has(name.toLowerCase().replaceAll("_", "-"));
}

/** `headers` without the lines of these names (lower case): for what a Connection header nominates, which is rare. */
export function withoutHeaders(headers: string, names: readonly string[]): string {
  return headers
    .split("\r\n")
    .filter((line) => !names.includes(line.slice(0, line.indexOf(":")).toLowerCase()))
    .join("\r\n");
}

/** The value of a Content-Length, or undefined when it is anything but one plain decimal number. */
export function parseContentLength(value: string): number | undefined {
  return /^(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : undefined;
}

/** Words of a Connection header, lower case. */
export function connectionOptions(value: string): string[] {
  return value
    .toLowerCase()
    .split(",")
    .map((option) => option.trim())
    .filter((option) => option !== "");
}
