import {
  connectionOptions,
  type HeaderVisitor,
  headBytesMax,
  NameIndex,
  parseContentLength,
  scanHeaders,
  withoutHeaders,
} from "./headers.ts";

/** The head of a dyno's answer. */
export interface ResponseHead {
  readonly ok: true;
  readonly status: number;
  readonly reason: string;
  /** The lines that are passed on, each with its line end before it. */
  readonly headers: string;
  /** -1 when not said. */
  readonly contentLength: number;
  readonly isChunked: boolean;
  /** The dyno will close the connection after this answer. */
  readonly isClose: boolean;
  /** Seconds the dyno keeps an unused connection (Keep-Alive: timeout), undefined when not said. */
  readonly keepAliveSeconds: number | undefined;
}

export interface BadResponse {
  readonly ok: false;
  readonly code: "H17" | "H25";
  /** For H25: what was restricted. */
  readonly cause: string;
}

const names = new NameIndex([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
]);

const statusLineBytesMax = 8 * 1024;

/** @param text the head with the line end of its last line, without the empty line; one character a byte */
export function parseResponseHead(text: string): ResponseHead | BadResponse {
  const lineEnd = text.indexOf("\r\n");
  if (lineEnd > statusLineBytesMax) return { ok: false, code: "H25", cause: "oversized status line" };
  const line = text.slice(0, lineEnd);
  const isOld = line.startsWith("HTTP/1.0 ");
  const status = Number(line.slice(9, 12));
  if (!(isOld || line.startsWith("HTTP/1.1 ")) || !/^[1-5]\d\d [\t\x20-\x7e\x80-\xff]*$/.test(line.slice(9)))
    return { ok: false, code: "H17", cause: "bad status line" };

  const headers = new ResponseHeaders();
  const lines = scanHeaders(text, lineEnd, names, headers, headBytesMax);
  if (typeof lines !== "string") {
    return { ok: false, code: lines.fault === "bad header" ? "H17" : "H25", cause: lines.fault };
  }
  if (headers.isBadLength) return { ok: false, code: "H25", cause: "invalid content length" };
  if (headers.isBadCoding || (headers.isChunked && (headers.contentLength >= 0 || isOld)))
    return { ok: false, code: "H17", cause: "bad transfer-encoding" };
  return {
    ok: true,
    status,
    reason: line.slice(13),
    headers: headers.nominated.length === 0 ? lines : withoutHeaders(lines, headers.nominated),
    contentLength: headers.contentLength,
    isChunked: headers.isChunked,
    isClose: headers.isClose || (isOld && !headers.isKeepAlive),
    keepAliveSeconds: headers.keepAliveSeconds,
  };
}

class ResponseHeaders implements HeaderVisitor {
  contentLength = -1;
  isBadLength = false;
  isChunked = false;
  isBadCoding = false;
  isClose = false;
  isKeepAlive = false;
  keepAliveSeconds: number | undefined;
  nominated: string[] = [];

  visit(name: string, value: string): boolean {
    switch (name) {
      case "content-length": {
        const length = parseContentLength(value);
        if (length === undefined || this.contentLength >= 0) this.isBadLength = true;
        else this.contentLength = length;
        return true;
      }
      case "transfer-encoding":
        if (this.isChunked || value.toLowerCase() !== "chunked") this.isBadCoding = true;
        this.isChunked = true;
        return true;
      case "connection":
        this.#connection(value);
        return false;
      case "keep-alive": {
        const seconds = /timeout=(\d{1,6})/.exec(value)?.[1];
        if (seconds !== undefined) this.keepAliveSeconds = Number(seconds);
        return false;
      }
      default:
        return false;
    }
  }

  #connection(value: string): void {
    if (value === "keep-alive") {
      this.isKeepAlive = true;
      return;
    }
    for (const option of connectionOptions(value)) {
      if (option === "close") this.isClose = true;
      else if (option === "keep-alive") this.isKeepAlive = true;
      else if (option !== "upgrade" && !names.has(option)) this.nominated.push(option);
    }
  }
}
