// Long because the whole grammar of a request head stands here, so that what is refused can be read in one place.
import { isHostname, isTarget, isToken } from "./characters.ts";
import {
  connectionOptions,
  type HeaderVisitor,
  lineBytesMax,
  NameIndex,
  parseContentLength,
  scanHeaders,
  withoutHeaders,
} from "./headers.ts";

/** A request head that can mean one thing only. */
export interface RequestHead {
  readonly ok: true;
  readonly method: string;
  /** Origin form (`/path?query`), or `*` with OPTIONS. */
  readonly target: string;
  /** HTTP/1.0 or HTTP/1.1 */
  readonly minor: 0 | 1;
  /** As sent, with its port; "" when an HTTP/1.0 client sent none. */
  readonly host: string;
  /** The lines that are passed on, each with its line end before it. */
  readonly headers: string;
  /** -1 when not said. */
  readonly contentLength: number;
  readonly isChunked: boolean;
  /** The client wants the connection closed after the answer. */
  readonly isClose: boolean;
  /** What Upgrade asked for, undefined when no upgrade was (rightly) asked for. */
  readonly upgrade: string | undefined;
  readonly expects: "nothing" | "continue" | "unknown";
  /** X-Forwarded-For as the client sent it, "" when not. */
  readonly forwardedFor: string;
  /** X-Request-Id as the client sent it, when it may be kept. */
  readonly requestId: string | undefined;
}

/** Longest method (Heroku's limit). */
export const methodBytesMax = 127;

export interface Refusal {
  readonly ok: false;
  readonly status: 400 | 405 | 414 | 431 | 505;
  readonly cause: string;
}

const names = new NameIndex([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "proxy-authenticate",
  "te",
  "upgrade",
  "expect",
  // What the router says to apps, so no client may; Forwarded is the standard's name for the same facts.
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-request-id",
  "x-request-start",
]);

/** Names a trailer must not have: they would be read as if they had come with the head. */
export function isForbiddenTrailer(name: string): boolean {
  return names.has(name);
}

/**
 * @param text the head with the line end of its last line, without the empty line; one character a byte
 * @returns the head, or why the connection must end: a head that two readers could understand differently is refused, never repaired
 */
export function parseRequestHead(text: string): RequestHead | Refusal {
  let cursor = 0;
  while (isToken(text.charCodeAt(cursor))) cursor += 1;
  if (cursor === 0 || text.charCodeAt(cursor) !== 0x20) return refusal(400, "bad request line");
  if (cursor > methodBytesMax) return refusal(400, "method too long");
  const method = text.slice(0, cursor);
  const targetStart = cursor + 1;
  cursor = targetStart;
  while (isTarget(text.charCodeAt(cursor))) cursor += 1;
  if (cursor === targetStart || text.charCodeAt(cursor) !== 0x20) return refusal(400, "bad request line");
  const sentTarget = text.slice(targetStart, cursor);
  const lineEnd = cursor + 9;
  if (!text.startsWith("\r\n", lineEnd)) return refusal(400, "bad request line");
  if (lineEnd > lineBytesMax) return refusal(414, "request line too long");
  const minor = text.startsWith("HTTP/1.1", cursor + 1) ? 1 : text.startsWith("HTTP/1.0", cursor + 1) ? 0 : undefined;
  if (minor === undefined) {
    const isVersion = /^HTTP\/\d\.\d$/.test(text.slice(cursor + 1, lineEnd));
    return isVersion ? refusal(505, "HTTP version not supported") : refusal(400, "bad request line");
  }

  const headers = new RequestHeaders();
  const lines = scanHeaders(text, lineEnd, names, headers, lineBytesMax);
  if (typeof lines !== "string") return refusal(lines.fault === "bad header" ? 400 : 431, lines.fault);
  if (headers.fault !== undefined) return refusal(400, headers.fault);
  if (headers.host === undefined && minor === 1) return refusal(400, "no host");
  if (headers.isChunked && (headers.contentLength >= 0 || minor === 0)) return refusal(400, "bad transfer-encoding");
  if (method === "CONNECT") return refusal(405, "method not allowed");
  const host = headers.host ?? "";
  const target = originForm(method, sentTarget, host);
  if (target === undefined) return refusal(400, "bad target");

  const hasBody = headers.isChunked || headers.contentLength > 0;
  return {
    ok: true,
    method,
    target,
    minor,
    host,
    headers: headers.nominated.length === 0 ? lines : withoutHeaders(lines, headers.nominated),
    contentLength: headers.contentLength,
    isChunked: headers.isChunked,
    isClose: headers.isClose || minor === 0,
    upgrade: headers.isUpgrade && minor === 1 && !hasBody ? headers.upgrade : undefined,
    expects: minor === 0 ? "nothing" : headers.expects,
    forwardedFor: headers.forwardedFor,
    requestId: headers.requestId,
  };
}

function refusal(status: Refusal["status"], cause: string): Refusal {
  return { ok: false, status, cause };
}

/** The target in origin form; an absolute one must name the same host as the Host header. */
function originForm(method: string, target: string, host: string): string | undefined {
  if (target.charCodeAt(0) === 0x2f) return target;
  if (target === "*") return method === "OPTIONS" ? target : undefined;
  const parts = /^https?:\/\/([^/?]+)(.*)$/i.exec(target);
  if (parts === null || parts[1]?.toLowerCase() !== host.toLowerCase()) return undefined;
  const rest = parts[2] ?? "";
  return rest.startsWith("/") ? rest : `/${rest}`;
}

class RequestHeaders implements HeaderVisitor {
  fault: string | undefined;
  host: string | undefined;
  contentLength = -1;
  isChunked = false;
  isClose = false;
  isUpgrade = false;
  upgrade: string | undefined;
  expects: RequestHead["expects"] = "nothing";
  forwardedFor = "";
  requestId: string | undefined;
  nominated: string[] = [];

  visit(name: string, value: string): boolean {
    switch (name) {
      case "host":
        if (this.host !== undefined || !isHost(value)) this.fault ??= "bad host";
        this.host = value;
        return true;
      case "content-length": {
        const length = parseContentLength(value);
        if (length === undefined || this.contentLength >= 0) this.fault ??= "bad content-length";
        else this.contentLength = length;
        return true;
      }
      case "transfer-encoding":
        // Only `chunked` alone: any other coding is one more thing that two readers can disagree about.
        if (this.isChunked || value.toLowerCase() !== "chunked") this.fault ??= "bad transfer-encoding";
        this.isChunked = true;
        return true;
      case "connection":
        this.#connection(value);
        return false;
      case "upgrade":
        this.upgrade = this.upgrade === undefined ? value : `${this.upgrade}, ${value}`;
        return false;
      case "expect":
        this.expects = value.toLowerCase() === "100-continue" ? "continue" : "unknown";
        return false;
      case "x-forwarded-for":
        if (value !== "") this.forwardedFor = this.forwardedFor === "" ? value : `${this.forwardedFor}, ${value}`;
        return false;
      case "x-request-id":
        if (/^[A-Za-z0-9-]{20,200}$/.test(value)) this.requestId = value;
        return false;
      default:
        return false;
    }
  }

  #connection(value: string): void {
    if (value === "keep-alive") return;
    for (const option of connectionOptions(value)) {
      if (option === "close") this.isClose = true;
      else if (option === "upgrade") this.isUpgrade = true;
      else if (!names.has(option)) this.nominated.push(option);
    }
  }
}

/** A name, an IPv4 address or a bracketed IPv6 address, and perhaps a port: no user, no path, no list. */
function isHost(value: string): boolean {
  let cursor = 0;
  while (cursor < value.length && isHostname(value.charCodeAt(cursor))) cursor += 1;
  if (cursor > 0 && cursor <= 255 && cursor === value.length) return true;
  return value.length <= 263 && /^(?:[\w.-]+|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{0,5})?$/.test(value);
}
