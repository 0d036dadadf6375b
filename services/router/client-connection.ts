// Long because the state of one connection is one thing: splitting it would only hide which state follows which.
import type { Socket } from "node:net";
import { BodyFraming, malformed, unfinished } from "./body-framing.ts";
import type { Context } from "./context.ts";
import { refusalAnswer } from "./error-page.ts";
import { type ClientSide, Exchange } from "./exchange.ts";
import { headBytesMax, lineBytesMax } from "./headers.ts";
import { isForbiddenTrailer, methodBytesMax, parseRequestHead, type RequestHead } from "./request-head.ts";
import type { Origin } from "./request-opening.ts";

const headEnd = Buffer.from("\r\n\r\n");
const empty = Buffer.alloc(0);
/** First byte of a TLS handshake; no method begins with it. */
const tlsHandshake = 0x16;

/**
 * - `head`: between requests, or in the middle of a head
 * - `body`: a request's body is coming in
 * - `answer`: the request is complete; what comes now belongs to the next one and waits
 * - `tunnel`: after an upgrade
 * - `closing`: the last answer is on its way; what comes now is thrown away
 */
type State = "head" | "body" | "answer" | "tunnel" | "closing";

/** One connection of a client, which sends one request after the other. */
export class ClientConnection implements ClientSide {
  readonly origin: Origin;
  readonly #context: Context;
  readonly #socket: Socket;
  readonly #onClosed: (connection: ClientConnection) => void;
  readonly #onHandshake: ((socket: Socket, first: Buffer) => void) | undefined;
  readonly #framing = new BodyFraming();
  #state: State = "head";
  #input: Buffer | undefined;
  #exchange: Exchange | undefined;
  #deadlineMs: number;
  /** Between requests, with no byte of the next one. */
  #isIdle = true;
  #isUntouched = true;
  #isPumping = false;
  /** Two reasons not to read, either is enough. */
  #isHeld = false;
  #isFull = false;

  /** @param onHandshake takes the socket over when the client speaks TLS; undefined on a connection that already does */
  constructor(
    context: Context,
    socket: Socket,
    origin: Origin,
    onClosed: (connection: ClientConnection) => void,
    onHandshake: ((socket: Socket, first: Buffer) => void) | undefined,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.origin = origin;
    this.#onClosed = onClosed;
    this.#onHandshake = onHandshake;
    this.#deadlineMs = performance.now() + context.timeouts.requestHeadMs;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.on("drain", this.#onDrain);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
  }

  readonly #onData = (bytes: Buffer): void => {
    switch (this.#state) {
      case "head":
        if (this.#isUntouched && this.#isTls(bytes)) return;
        this.#append(bytes);
        this.#pump();
        return;
      case "body":
        this.#readBody(bytes);
        return;
      case "answer":
        this.#append(bytes);
        return;
      case "tunnel":
        this.#exchange?.tunnel(bytes);
        return;
      default:
    }
  };

  #isTls(first: Buffer): boolean {
    this.#isUntouched = false;
    if (first[0] !== tlsHandshake || this.#onHandshake === undefined) return false;
    this.#socket.off("data", this.#onData);
    this.#socket.off("end", this.#onEnd);
    this.#socket.off("drain", this.#onDrain);
    this.#socket.off("close", this.#onClose);
    this.#socket.pause();
    this.#onClosed(this);
    this.#onHandshake(this.#socket, first);
    return true;
  }

  #append(bytes: Buffer): void {
    this.#input = this.#input === undefined ? bytes : Buffer.concat([this.#input, bytes]);
    if (this.#state !== "answer") return;
    this.#isFull = this.#input.length > this.#context.limits.pipelineBytesMax;
    this.#applyFlow();
  }

  /** Reads requests as long as there are whole heads and nothing to wait for. A loop, so that a thousand in one packet don't nest. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#state === "head" && this.#input !== undefined && !this.#socket.writableNeedDrain) {
      if (!this.#readHead(this.#input)) break;
    }
    this.#isPumping = false;
    this.#isFull =
      this.#input !== undefined && this.#input.length > this.#context.limits.pipelineBytesMax + headBytesMax;
    this.#applyFlow();
  }

  /** @returns false when more bytes are needed */
  #readHead(input: Buffer): boolean {
    let start = 0;
    // Some clients end a body with one line end too many (RFC 9112 §2.2).
    while (input[start] === 0x0d && input[start + 1] === 0x0a) start += 2;
    const end = input.indexOf(headEnd, start);
    if (end < 0) {
      const status = overlong(input, start);
      if (status === undefined) this.#awaitHead(start === 0 ? input : input.subarray(start));
      else this.#refuse(status);
      return false;
    }
    if (end - start > headBytesMax) {
      this.#refuse(431);
      return false;
    }
    const head = parseRequestHead(input.toString("latin1", start, end + 2));
    if (!head.ok) {
      this.#refuse(head.status);
      return false;
    }
    this.#begin(head, input, end + 4);
    return true;
  }

  /** The time for a head runs from its first byte, however slowly the rest comes. */
  #awaitHead(input: Buffer): void {
    this.#input = input.length === 0 ? undefined : input;
    if (input.length > 0 && this.#isIdle) {
      this.#isIdle = false;
      this.#deadlineMs = performance.now() + this.#context.timeouts.requestHeadMs;
    }
  }

  #begin(head: RequestHead, input: Buffer, bodyStart: number): void {
    this.#isIdle = false;
    if (head.isChunked) this.#framing.startChunked(isForbiddenTrailer);
    else this.#framing.startLength(Math.max(head.contentLength, 0));
    const end = this.#framing.advance(input, bodyStart);
    if (end === malformed) {
      this.#refuse(400);
      return;
    }
    const isWhole = end !== unfinished;
    const bodyEnd = isWhole ? end : input.length;
    this.#input = bodyEnd < input.length ? input.subarray(bodyEnd) : undefined;
    this.#state = isWhole ? "answer" : "body";
    const body = bodyEnd > bodyStart ? input.subarray(bodyStart, bodyEnd) : empty;
    const app = this.#context.directory.find(head.host, head.target);
    const exchange = new Exchange(this.#context, this, head, app, body, isWhole);
    this.#exchange = exchange;
    exchange.begin();
  }

  #readBody(bytes: Buffer): void {
    const end = this.#framing.advance(bytes, 0);
    if (end === malformed) {
      this.#exchange?.requestMalformed();
      return;
    }
    if (end === unfinished) {
      this.#exchange?.requestBody(bytes, false);
      return;
    }
    this.#state = "answer";
    this.#input = end < bytes.length ? bytes.subarray(end) : undefined;
    this.#exchange?.requestBody(bytes.subarray(0, end), true);
  }

  get isBehind(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes);
  }

  writeText(text: string): boolean {
    return this.#socket.write(text, "latin1");
  }

  hold(): void {
    // A complete request is not held: its client's leaving must be seen.
    if (this.#state !== "body" && this.#state !== "tunnel") return;
    this.#isHeld = true;
    this.#applyFlow();
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#applyFlow();
  }

  #applyFlow(): void {
    const mustPause = this.#isHeld || this.#isFull;
    if (mustPause === this.#socket.isPaused()) return;
    if (mustPause) this.#socket.pause();
    else this.#socket.resume();
  }

  startTunnel(): void {
    this.#state = "tunnel";
    const ahead = this.#input;
    this.#input = undefined;
    this.#isFull = false;
    this.#applyFlow();
    if (ahead !== undefined) this.#exchange?.tunnel(ahead);
  }

  done(isReusable: boolean): void {
    this.#exchange = undefined;
    if (!isReusable) {
      this.#close();
      return;
    }
    this.#state = "head";
    this.#isHeld = false;
    this.#isIdle = true;
    const { drainIdleMs, keepAliveMs } = this.#context.timeouts;
    this.#deadlineMs = performance.now() + (this.#context.isDraining ? drainIdleMs : keepAliveMs);
    this.#pump();
  }

  abort(): void {
    this.#exchange = undefined;
    this.#state = "closing";
    // A reset (under TLS, no close_notify), so that a half answer is never taken for a whole one.
    if (this.origin.isSecure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #refuse(status: number): void {
    this.#socket.write(refusalAnswer({ status, now: new Date(), isHead: false, isClose: true }), "latin1");
    this.#close();
  }

  /** Sends what is left and closes. Reads on for a moment: closing on unread bytes would reset the connection under the answer. */
  #close(): void {
    this.#state = "closing";
    this.#input = undefined;
    this.#isHeld = false;
    this.#isFull = false;
    this.#deadlineMs = performance.now() + this.#context.timeouts.lingerMs;
    this.#socket.end();
    this.#applyFlow();
  }

  readonly #onDrain = (): void => {
    this.#exchange?.clientDrained();
    this.#pump();
  };

  readonly #onEnd = (): void => {
    if (this.#exchange === undefined) this.#socket.end();
    else this.#exchange.clientEnded();
  };

  readonly #onError = (): void => {
    // 'close' follows.
  };

  readonly #onClose = (): void => {
    const exchange = this.#exchange;
    this.#onClosed(this);
    exchange?.clientGone();
  };

  /** Ends what has taken too long; called once in a while. */
  expire(nowMs: number): void {
    if (this.#exchange !== undefined) {
      if (this.#exchange.deadlineMs < nowMs) this.#exchange.expire();
    } else if (this.#deadlineMs < nowMs) {
      if (this.#state === "head" && this.#input !== undefined) this.#refuse(408);
      else this.#socket.destroy();
    }
  }

  /** The router is stopping: between requests the client gets a moment to send one more, then the connection ends. */
  drain(): void {
    if (this.#exchange !== undefined || this.#state !== "head") return;
    this.#deadlineMs = Math.min(this.#deadlineMs, performance.now() + this.#context.timeouts.drainIdleMs);
  }

  /** Ends the connection now, whatever it does. */
  forceClose(): void {
    if (this.#exchange === undefined) this.#socket.destroy();
    else this.#exchange.forceClose();
  }
}

/** The status for a head that is too long though it has not ended, undefined while it may go on. */
function overlong(input: Buffer, start: number): 400 | 414 | 431 | undefined {
  const length = input.length - start;
  if (length > lineBytesMax && input.indexOf("\r\n", start) < 0) {
    const methodEnd = input.indexOf(" ", start);
    return methodEnd < 0 || methodEnd - start > methodBytesMax ? 400 : 414;
  }
  return length > headBytesMax ? 431 : undefined;
}
