// Long because one request's life, from its head to its log line, is one thing: every state and every way out of it stand here.
import { randomUUID } from "node:crypto";
import type { Backend } from "./backend.ts";
import { chooseBackend } from "./choose-backend.ts";
import type { Context } from "./context.ts";
import type { RoutedApp } from "./directory.ts";
import { errorAnswer, missingAnswer } from "./error-page.ts";
import type { RequestHead } from "./request-head.ts";
import { forwardedFor, type Origin, requestOpening } from "./request-opening.ts";
import type { ResponseHead } from "./response-head.ts";
import { type ErrorCode, routerError } from "./router-errors.ts";
import { UpstreamConnection, type UpstreamFailure, type UpstreamUser } from "./upstream-connection.ts";

/** The client's connection, as one request sees it. */
export interface ClientSide {
  readonly origin: Origin;
  /** The client does not read what it was sent. */
  readonly isBehind: boolean;
  /** @returns false when the client does not keep up: wait for clientDrained. */
  write(bytes: Buffer): boolean;
  /** @param text one character a byte */
  writeText(text: string): boolean;
  /** Stops and goes on reading the request's body. */
  hold(): void;
  release(): void;
  /** From now on all bytes go to the other side. */
  startTunnel(): void;
  /** The answer is complete. @param isReusable another request may follow */
  done(isReusable: boolean): void;
  /** The answer cannot be completed: the client must see that. */
  abort(): void;
}

/** Bodies up to this size go out in one piece with their head, as one string: one system call, no copy in between. */
const inlineBytesMax = 16 * 1024;
/** A connection unused for longer is not trusted with a request that must not be sent twice. */
const freshIdleMs = 1_000;
const none: ReadonlySet<Backend> = new Set();

type WaitsFor = "dyno" | "connection" | "request" | "answer" | "rest" | "tunnel" | "nothing";

/** One request and its answer. */
export class Exchange implements UpstreamUser {
  readonly isHead: boolean;
  readonly isUpgrade: boolean;
  isRequestSent = false;
  /** When {@link expire} must be called, by performance.now(). */
  deadlineMs = Number.POSITIVE_INFINITY;
  readonly #context: Context;
  readonly #client: ClientSide;
  readonly #head: RequestHead;
  readonly #app: RoutedApp | undefined;
  readonly #requestId: string;
  readonly #startedAtMs: number;
  readonly #opening: string;
  #body: Buffer;
  /** All that was sent is still here, so it can be sent again. */
  #isReplayable = true;
  #isCounted = false;
  #waitsFor: WaitsFor = "nothing";
  #tried: Set<Backend> | undefined;
  #unreachable: ErrorCode = "H21";
  #isFreshWanted = false;
  #backend: Backend | undefined;
  #upstream: UpstreamConnection | undefined;
  #connectingSinceMs = 0;
  #connectMs: number | undefined;
  #sentMs: number | undefined;
  #status: number | undefined;
  #bytes = 0;
  #dynoName = "";
  #isUntilClose = false;
  /** The dyno does not read the request as fast as the client sends it. */
  #isDynoBehind = false;
  #isSettled = false;

  /** @param body what of the request's body came with its head @param isWhole … and is all of it */
  constructor(
    context: Context,
    client: ClientSide,
    head: RequestHead,
    app: RoutedApp | undefined,
    body: Buffer,
    isWhole: boolean,
  ) {
    this.#context = context;
    this.#client = client;
    this.#head = head;
    this.#app = app;
    this.#body = body;
    this.isRequestSent = isWhole;
    this.isHead = head.method === "HEAD";
    this.isUpgrade = head.upgrade !== undefined;
    this.#requestId = head.requestId ?? randomUUID();
    this.#startedAtMs = performance.now();
    const startedAt = Math.floor(performance.timeOrigin + this.#startedAtMs);
    this.#opening = app === undefined ? "" : requestOpening(head, client.origin, this.#requestId, startedAt);
  }

  begin(): void {
    const app = this.#app;
    if (app === undefined) {
      this.#missing();
      return;
    }
    if (this.#head.expects === "unknown") {
      this.#fail("H26", "unsupported expect header value", 417);
      return;
    }
    if (app.inFlight >= this.#context.limits.appRequestsMax) {
      this.#fail("H11");
      return;
    }
    app.inFlight += 1;
    this.#isCounted = true;
    this.#route(app);
  }

  #route(app: RoutedApp): void {
    const now = app.availability;
    if (now.kind === "serve") {
      this.#dispatch(app);
      return;
    }
    if (now.kind === "refuse") {
      this.#fail(now.code);
      return;
    }
    this.#waitsFor = "dyno";
    this.deadlineMs = this.#startedAtMs + this.#context.timeouts.bootMs;
    this.#client.hold();
    app.waiting.add(this.#lookAgain);
  }

  readonly #lookAgain = (): void => {
    if (this.#app !== undefined && this.#waitsFor === "dyno") this.#route(this.#app);
  };

  #dispatch(app: RoutedApp): void {
    const { chance, limits, timeouts } = this.#context;
    const now = performance.now();
    const tried = this.#tried ?? none;
    const backend =
      tried.size >= limits.triesMax ? undefined : chooseBackend(app.backends, tried, now, [chance(), chance()]);
    if (backend === undefined) {
      this.#fail(this.#unreachable);
      return;
    }
    this.#backend = backend;
    this.#dynoName = backend.dyno.name;
    backend.inFlight += 1;
    const idleMsMax = isSafeTwice(this.#head.method) ? Number.POSITIVE_INFINITY : freshIdleMs;
    const idle = this.#isFreshWanted ? undefined : backend.takeIdle(now, idleMsMax);
    if (idle !== undefined) {
      this.#upstream = idle;
      this.#connectMs = 0;
      idle.use(this);
      this.#send(now);
      return;
    }
    this.#waitsFor = "connection";
    this.deadlineMs = now + timeouts.connectMs;
    this.#connectingSinceMs = now;
    this.#client.hold();
    this.#upstream = new UpstreamConnection(backend, this, timeouts.upstreamIdleMs);
  }

  upstreamConnected(): void {
    const now = performance.now();
    this.#connectMs = now - this.#connectingSinceMs;
    this.#send(now);
  }

  upstreamUnreachable(): void {
    this.#tryAnother("H21");
  }

  #tryAnother(code: ErrorCode): void {
    this.#upstream?.destroy();
    const backend = this.#leaveBackend();
    if (backend === undefined || this.#app === undefined) return;
    backend.quarantinedUntilMs = performance.now() + this.#context.timeouts.quarantineMs;
    this.#tried ??= new Set();
    this.#tried.add(backend);
    this.#unreachable = code;
    this.#dispatch(this.#app);
  }

  #send(now: number): void {
    const upstream = this.#upstream;
    if (upstream === undefined) return;
    this.#sentMs = now;
    const body = this.#body;
    const isKeepingUp =
      body.length === 0
        ? upstream.writeText(this.#opening)
        : body.length <= inlineBytesMax
          ? upstream.writeText(this.#opening + body.toString("latin1"))
          : upstream.writeBoth(this.#opening, body);
    this.#awaitNext(now);
    this.#keepPace(isKeepingUp || this.isRequestSent);
  }

  #keepPace(isKeepingUp: boolean): void {
    this.#isDynoBehind = !isKeepingUp;
    if (isKeepingUp) this.#client.release();
    else this.#client.hold();
  }

  /** More of the request's body. */
  requestBody(bytes: Buffer, isLast: boolean): void {
    this.isRequestSent = isLast;
    if (this.#upstream === undefined || this.#waitsFor === "connection" || this.#waitsFor === "dyno") {
      this.#body = Buffer.concat([this.#body, bytes]);
      return;
    }
    this.#isReplayable = false;
    this.#awaitNext(performance.now());
    this.#keepPace(this.#upstream.write(bytes) || isLast);
  }

  /** The client broke the grammar of its body. */
  requestMalformed(): void {
    this.#fail("H26", "bad chunk");
  }

  /** Bytes of the client after an upgrade. */
  tunnel(bytes: Buffer): void {
    this.deadlineMs = performance.now() + this.#context.timeouts.idleMs;
    if (this.#upstream !== undefined) this.#keepPace(this.#upstream.write(bytes));
  }

  #awaitNext(now: number): void {
    const { idleMs, firstByteMs } = this.#context.timeouts;
    if (this.#status !== undefined) this.deadlineMs = now + idleMs;
    else {
      this.#waitsFor = this.isRequestSent ? "answer" : "request";
      this.deadlineMs = now + (this.isRequestSent ? firstByteMs : idleMs);
    }
  }

  upstreamDrained(): void {
    this.#keepPace(true);
  }

  clientDrained(): void {
    this.#upstream?.resume();
  }

  upstreamInformation(head: ResponseHead): void {
    // HTTP/1.0 clients know nothing of interim answers.
    if (this.#head.minor === 1) this.#client.writeText(`HTTP/1.1 ${head.status} ${head.reason}${head.headers}\r\n\r\n`);
  }

  upstreamTunnel(head: ResponseHead, bytes: Buffer): void {
    this.#status = head.status;
    this.#waitsFor = "tunnel";
    this.#client.writeText(
      `HTTP/1.1 ${head.status} ${head.reason}${head.headers}\r\nConnection: Upgrade\r\nVia: 1.1 quine\r\n\r\n`,
    );
    this.#client.startTunnel();
    if (bytes.length > 0) this.upstreamBody(bytes, false);
  }

  upstreamResponse(head: ResponseHead, body: Buffer, isUntilClose: boolean, isDone: boolean): void {
    if (isDone) this.#leaveBackend();
    if (head.isChunked && this.#head.minor === 0 && !this.isHead) {
      this.#fail("H17", "chunked answer to an HTTP/1.0 request");
      return;
    }
    this.#status = head.status;
    this.#isUntilClose = isUntilClose;
    this.#bytes = body.length;
    const isLast = this.#head.isClose || isUntilClose || this.#context.isDraining || (isDone && !this.isRequestSent);
    const text = `HTTP/1.1 ${head.status} ${head.reason}${head.headers}\r\nVia: 1.1 quine${isLast ? "\r\nConnection: close" : ""}\r\n\r\n`;
    let isKeepingUp: boolean;
    if (body.length === 0) isKeepingUp = this.#client.writeText(text);
    else if (body.length <= inlineBytesMax) isKeepingUp = this.#client.writeText(text + body.toString("latin1"));
    else {
      this.#client.writeText(text);
      isKeepingUp = this.#client.write(Buffer.from(body));
    }
    if (isDone) {
      this.#finish(!isLast);
      return;
    }
    this.#waitsFor = "rest";
    this.deadlineMs = performance.now() + this.#context.timeouts.idleMs;
    if (!isKeepingUp) this.#upstream?.pause();
  }

  upstreamBody(body: Buffer, isDone: boolean): void {
    if (isDone) this.#leaveBackend();
    this.#bytes += body.length;
    // A copy: the bytes lie in the shared read buffer, and the client's socket may hold them for long.
    const isKeepingUp = body.length === 0 || this.#client.write(Buffer.from(body));
    if (isDone) {
      const isReusable = this.#waitsFor !== "tunnel" && this.isRequestSent && !this.#head.isClose;
      this.#finish(isReusable && !this.#isUntilClose);
      return;
    }
    this.deadlineMs = performance.now() + this.#context.timeouts.idleMs;
    if (!isKeepingUp) this.#upstream?.pause();
  }

  upstreamBroken(how: UpstreamFailure): void {
    if (how.kind === "unreadable") {
      this.#fail(how.code, how.cause);
      return;
    }
    if (how.kind === "interrupted") {
      this.#fail("H18");
      return;
    }
    const isStale = this.#upstream?.isReused === true && this.#isReplayable && isSafeTwice(this.#head.method);
    if (!isStale || this.#app === undefined) {
      this.#fail("H13");
      return;
    }
    // The dyno closed the connection while this request was on its way, having read none of it: not its fault.
    this.#leaveBackend();
    this.#isFreshWanted = true;
    this.#dispatch(this.#app);
  }

  /** The deadline has passed. */
  expire(): void {
    switch (this.#waitsFor) {
      case "dyno":
        this.#fail("H20");
        return;
      case "connection":
        this.#tryAnother("H19");
        return;
      case "request":
        this.#fail(this.#isDynoBehind ? "H12" : "H28");
        return;
      case "answer":
        this.#fail("H12");
        return;
      case "rest":
      case "tunnel":
        this.#fail(this.#client.isBehind ? "H28" : "H15");
        return;
      default:
        this.deadlineMs = Number.POSITIVE_INFINITY;
    }
  }

  /** The client will send no more. In a tunnel the dyno may still have something to say; elsewhere the client has left. */
  clientEnded(): void {
    if (this.#waitsFor === "tunnel") this.#upstream?.end();
    else this.#fail("H27");
  }

  /** The client's connection is closed. */
  clientGone(): void {
    if (this.#waitsFor === "tunnel") this.#finish(false);
    else this.#fail("H27");
  }

  /** The router cannot wait any longer. */
  forceClose(): void {
    this.#fail("H24");
  }

  #missing(): void {
    this.#status = 404;
    const isLast = this.#isLastAfterError();
    this.#client.writeText(missingAnswer({ status: 404, now: new Date(), isHead: this.isHead, isClose: isLast }));
    this.#finish(!isLast);
  }

  #fail(code: ErrorCode, cause?: string, status: number = routerError(code).status): void {
    const error = { code, cause };
    if (this.#status !== undefined || routerError(code).side === "client") {
      this.#settle(status, error);
      this.#client.abort();
      return;
    }
    const isLast = this.#isLastAfterError();
    this.#client.writeText(errorAnswer(code, { status, now: new Date(), isHead: this.isHead, isClose: isLast }));
    this.#settle(status, error);
    this.#client.done(!isLast);
  }

  #isLastAfterError(): boolean {
    return this.#head.isClose || this.#context.isDraining || !this.isRequestSent || this.isUpgrade;
  }

  #finish(isReusable: boolean): void {
    this.#settle(this.#status, undefined);
    this.#client.done(isReusable);
  }

  /** Lets go of everything and writes the log line; comes once in the life of a request. */
  #settle(status: number | undefined, error: { code: ErrorCode; cause: string | undefined } | undefined): void {
    if (this.#isSettled) throw new Error("Bug: a request was settled twice");
    this.#isSettled = true;
    const app = this.#app;
    this.#upstream?.destroy();
    this.#leaveBackend();
    this.#waitsFor = "nothing";
    this.deadlineMs = Number.POSITIVE_INFINITY;
    if (app === undefined) return;
    app.waiting.delete(this.#lookAgain);
    if (this.#isCounted) app.inFlight -= 1;
    // The router's own lines go this way: a line about each would never end.
    if (app.row.isSystem && this.#head.target.startsWith("/_logs/intake")) return;
    this.#context.record(app.row.appId, {
      method: this.#head.method,
      target: this.#head.target,
      host: this.#head.host,
      requestId: this.#requestId,
      forwardedFor: forwardedFor(this.#head, this.#client.origin),
      dyno: this.#dynoName,
      connectMs: this.#connectMs,
      serviceMs: this.#sentMs === undefined ? undefined : performance.now() - this.#sentMs,
      status,
      bytes: this.#bytes,
      protocol: this.#client.origin.isSecure ? "https" : "http",
      error,
    });
  }

  #leaveBackend(): Backend | undefined {
    const backend = this.#backend;
    if (backend === undefined) return undefined;
    backend.inFlight -= 1;
    this.#backend = undefined;
    this.#upstream = undefined;
    return backend;
  }
}

/** Idempotent methods (RFC 9110 §9.2.2): sending one twice is sending it once. */
function isSafeTwice(method: string): boolean {
  return /^(?:GET|HEAD|OPTIONS|PUT|DELETE|TRACE)$/.test(method);
}
