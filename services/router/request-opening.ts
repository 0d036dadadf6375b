import type { RequestHead } from "./request-head.ts";

/** Who asks, as the router knows it. */
export interface Origin {
  readonly peer: string;
  readonly isSecure: boolean;
  /** Port as the world sees it. */
  readonly port: number;
}

/** X-Forwarded-For as the app gets it: what the client said, and who the client is. */
export function forwardedFor(head: RequestHead, origin: Origin): string {
  return head.forwardedFor === "" ? origin.peer : `${head.forwardedFor}, ${origin.peer}`;
}

/** The request head as the dyno gets it, one character a byte. */
export function requestOpening(head: RequestHead, origin: Origin, requestId: string, startedAtMs: number): string {
  const expect = head.expects === "continue" ? "\r\nExpect: 100-continue" : "";
  const connection =
    head.upgrade !== undefined
      ? `\r\nConnection: Upgrade\r\nUpgrade: ${head.upgrade}`
      : head.minor === 0
        ? "\r\nConnection: close"
        : "";
  return (
    `${head.method} ${head.target} HTTP/1.${head.minor}${head.headers}${expect}${connection}` +
    `\r\nX-Request-Id: ${requestId}\r\nX-Forwarded-For: ${forwardedFor(head, origin)}` +
    `\r\nX-Forwarded-Proto: ${origin.isSecure ? "https" : "http"}\r\nX-Forwarded-Port: ${origin.port}` +
    `\r\nX-Request-Start: ${startedAtMs}\r\nVia: 1.${head.minor} quine\r\n\r\n`
  );
}
