import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { GitRequest } from "./route.ts";

/** One request handed to `git http-backend`, a CGI program (RFC 3875). */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: GitRequest;
  /** `/<folder>.git` below GIT_PROJECT_ROOT. */
  readonly repository: string;
  readonly protocol: string | undefined;
  /** Environment of git, without the request's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly bodyBytesMax: number;
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}

export interface Traffic {
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Why it ended early, for the log. */
  readonly cut?: string;
}

const headerBytesMax = 16_384;
/** A client that sends nothing for so long, though it could, has gone or only wants the slot. */
const silenceMs = 60_000;

/**
 * Streams the body in and the answer out.
 *
 * A pusher who hangs up after the whole pack has arrived does not stop the push: by then a build may be making a release, and
 * half a push (a release of a commit the repository does not have) helps nobody; builds have a cancel of their own. So
 * receive-pack's output, which the push itself bounds, is always read to its end. Anything else dies with its client.
 */
export async function serveExchange(exchange: Exchange): Promise<Traffic> {
  const { request, response, route } = exchange;
  const child = spawn("git", ["http-backend"], {
    env: { ...exchange.environment, ...cgiVariables(exchange) },
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  }) as unknown as ChildProcessWithoutNullStreams;
  const ended = once(child, "close");
  ended.catch(() => {});

  let cut: string | undefined;
  const stop = (because: string) => {
    cut ??= because;
    killGroup(child);
  };
  const timer = setTimeout(() => stop("time limit"), exchange.timeLimitMs);
  const onAbort = () => stop("service stops");
  exchange.signal.addEventListener("abort", onAbort, { once: true });
  if (exchange.signal.aborted) onAbort();

  const isPush = route.service === "git-receive-pack" && route.step === "exchange";
  const outlivesClient = () => isPush && request.complete;
  response.once("close", () => {
    if (!response.writableFinished && !outlivesClient()) stop("client hung up");
  });

  const body = feed(request, child, exchange.bodyBytesMax, stop);
  try {
    const answer = await relay(child, response, isPush);
    await ended;
    return { ...answer, bytesIn: body(), cut };
  } finally {
    clearTimeout(timer);
    exchange.signal.removeEventListener("abort", onAbort);
    killGroup(child);
  }
}

function cgiVariables({ request, route, repository, protocol }: Exchange): Record<string, string> {
  const variables: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_PROTOCOL: "HTTP/1.1",
    REQUEST_METHOD: route.step === "advertise" ? "GET" : "POST",
    PATH_INFO: `${repository}/${route.step === "advertise" ? "info/refs" : route.service}`,
    QUERY_STRING: route.step === "advertise" ? `service=${route.service}` : "",
    REMOTE_USER: "pusher",
    REMOTE_ADDR: "",
  };
  const type = request.headers["content-type"];
  const length = request.headers["content-length"];
  const encoding = request.headers["content-encoding"];
  if (type !== undefined) variables.CONTENT_TYPE = type.slice(0, 128);
  // Absent for a chunked body: http-backend then reads to the end of its input.
  if (length !== undefined) variables.CONTENT_LENGTH = length;
  if (encoding === "gzip" || encoding === "x-gzip") variables.HTTP_CONTENT_ENCODING = "gzip";
  if (protocol !== undefined) variables.GIT_PROTOCOL = protocol;
  return variables;
}

/** Body → standard input, with its backpressure. @returns how many bytes came so far. */
function feed(
  request: IncomingMessage,
  child: ChildProcessWithoutNullStreams,
  bytesMax: number,
  stop: (because: string) => void,
): () => number {
  let bytes = 0;
  const silence = setTimeout(() => {
    // Paused, it is git that is slow, and the time limit that ends it.
    if (request.isPaused()) silence.refresh();
    else stop("client silent");
  }, silenceMs);
  // Git that has read enough (a refused pack) closes its input while the client still sends: the rest is read and dropped,
  // because a client that cannot send does not read the answer that says why.
  child.stdin.on("error", () => request.resume());
  child.stdin.on("drain", () => request.resume());
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    silence.refresh();
    if (bytes > bytesMax) {
      stop("body too large");
      request.destroy();
    } else if (child.stdin.writable && !child.stdin.write(chunk)) request.pause();
  });
  request.on("end", () => {
    clearTimeout(silence);
    child.stdin.end();
  });
  request.on("close", () => {
    clearTimeout(silence);
    if (!request.complete) child.stdin.destroy();
  });
  return () => bytes;
}

async function relay(
  child: ChildProcessWithoutNullStreams,
  response: ServerResponse,
  bounded: boolean,
): Promise<{ status: number; bytesOut: number }> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let status = 502;
  let bytesOut = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    let body: Buffer = chunk;
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      const parsed = parseCgiHead(head);
      if (parsed === undefined) {
        if (head.length > headerBytesMax) break;
        continue;
      }
      head = undefined;
      status = parsed.status;
      body = parsed.rest;
      if (!response.headersSent) response.writeHead(status, parsed.headers);
      response.flushHeaders();
    }
    bytesOut += body.length;
    if (response.destroyed) continue;
    if (!response.write(body) && !bounded) await drained(response);
  }
  if (!response.headersSent) response.writeHead(502, { "content-type": "text/plain; charset=utf-8" });
  response.end();
  return { status, bytesOut };
}

async function drained(response: ServerResponse): Promise<void> {
  const closed = new AbortController();
  await Promise.race([
    once(response, "drain", { signal: closed.signal }).catch(() => {}),
    once(response, "close", { signal: closed.signal }).catch(() => {}),
  ]);
  closed.abort();
}

const passedHeaders = new Set(["content-type", "cache-control", "expires", "pragma"]);

/** @returns undefined while the blank line has not come. */
export function parseCgiHead(
  bytes: Buffer,
): { status: number; headers: Record<string, string>; rest: Buffer } | undefined {
  const found = /\r?\n\r?\n/.exec(bytes.toString("latin1"));
  if (found === null) return undefined;
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of bytes.toString("latin1", 0, found.index).split(/\r?\n/)) {
    const [, name = "", value = ""] = /^([A-Za-z-]+): *(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === "status") status = Number(/^(\d{3})/.exec(value)?.[1] ?? 502);
    else if (passedHeaders.has(key)) headers[key] = value;
  }
  return { status, headers, rest: bytes.subarray(found.index + found[0].length) };
}

const killAfterMs = 2_000;

/** http-backend, receive-pack, index-pack and the hook are one process group. Asked first, since git then removes its quarantine. */
function killGroup(child: ChildProcessWithoutNullStreams): void {
  const send = (signal: NodeJS.Signals) => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It ended in between.
    }
  };
  send("SIGTERM");
  setTimeout(send, killAfterMs, "SIGKILL").unref();
}
