// Long because the state of one connection is one thing: splitting it would only hide which state follows which.
import net from "node:net";
import type { Backend } from "./backend.ts";
import { BodyFraming, malformed, unfinished } from "./body-framing.ts";
import { headBytesMax } from "./headers.ts";
import { parseResponseHead, type ResponseHead } from "./response-head.ts";

/**
 * What a request is told about its connection to the dyno. Bytes given to it are only good until it returns:
 * they lie in a buffer that all connections share.
 */
export interface UpstreamUser {
  readonly isHead: boolean;
  /** The whole request, its body included, has been sent: only then may the connection serve another. */
  readonly isRequestSent: boolean;
  /** An upgrade was asked for, so 101 may be answered. */
  readonly isUpgrade: boolean;
  upstreamConnected(): void;
  upstreamUnreachable(): void;
  upstreamInformation(head: ResponseHead): void;
  upstreamTunnel(head: ResponseHead, bytes: Buffer): void;
  upstreamResponse(head: ResponseHead, body: Buffer, isUntilClose: boolean, isDone: boolean): void;
  upstreamBody(body: Buffer, isDone: boolean): void;
  upstreamBroken(how: UpstreamFailure): void;
  upstreamDrained(): void;
}

export type UpstreamFailure =
  /** Closed before the first byte of an answer. */
  | { readonly kind: "silent" }
  /** Closed in the middle of an answer. */
  | { readonly kind: "interrupted" }
  | { readonly kind: "unreadable"; readonly code: "H17" | "H25"; readonly cause: string };

const headEnd = Buffer.from("\r\n\r\n");
/** 100s and 103s before an answer. */
const informationMax = 16;
const empty = Buffer.alloc(0);
/** One for all: a read is used up, or copied, before the next one can happen. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

type Phase = "connecting" | "idle" | "head" | "body" | "tunnel" | "dead";

/** One connection to a dyno, which serves one request after the other. */
export class UpstreamConnection {
  readonly backend: Backend;
  /** It has served a request before: the dyno may be closing it right now. */
  isReused = false;
  idleSinceMs = 0;
  idleUntilMs = 0;
  readonly #idleMs: number;
  readonly #socket: net.Socket;
  readonly #framing = new BodyFraming();
  #phase: Phase = "connecting";
  #user: UpstreamUser | undefined;
  #partial: Buffer | undefined;
  #information = 0;
  #isReusable = false;
  #keepAliveMs: number;

  constructor(backend: Backend, user: UpstreamUser, idleMs: number) {
    this.backend = backend;
    this.#user = user;
    this.#idleMs = idleMs;
    this.#keepAliveMs = idleMs;
    const onread = {
      buffer: readBuffer,
      callback: (length: number) => {
        this.#read(readBuffer.subarray(0, length));
        return true;
      },
    };
    this.#socket = net.connect({ host: backend.dyno.address, port: backend.dyno.port, noDelay: true, onread });
    this.#socket.on("connect", () => {
      this.#phase = "head";
      this.#user?.upstreamConnected();
    });
    this.#socket.on("drain", () => this.#user?.upstreamDrained());
    this.#socket.on("error", () => this.#ended(true));
    this.#socket.on("end", () => this.#ended(false));
    this.#socket.on("close", () => this.#ended(true));
  }

  /** Gives an idle connection to the next request. */
  use(user: UpstreamUser): void {
    this.#user = user;
    this.#phase = "head";
    this.isReused = true;
  }

  /** @returns false when the dyno does not keep up: wait for upstreamDrained. */
  write(bytes: Buffer): boolean {
    return this.#socket.write(bytes);
  }

  /** @param text one character a byte */
  writeText(text: string): boolean {
    return this.#socket.write(text, "latin1");
  }

  /** Head and first body bytes in one packet. */
  writeBoth(text: string, bytes: Buffer): boolean {
    this.#socket.cork();
    this.#socket.write(text, "latin1");
    const isKeepingUp = this.#socket.write(bytes);
    this.#socket.uncork();
    return isKeepingUp;
  }

  /** The client's side of a tunnel has ended. */
  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes it without a word to its request. */
  destroy(): void {
    if (this.#phase === "idle") this.backend.forget(this);
    this.#phase = "dead";
    this.#user = undefined;
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    switch (this.#phase) {
      case "head":
        this.#readHead(bytes);
        break;
      case "body":
        this.#readBody(bytes);
        break;
      case "tunnel":
        this.#user?.upstreamBody(bytes, false);
        break;
      case "idle":
        // Nobody asked: whatever it is, it must not become the start of somebody's answer.
        this.destroy();
        break;
      default:
        break;
    }
  }

  #readHead(bytes: Buffer): void {
    const input = this.#partial === undefined ? bytes : Buffer.concat([this.#partial, bytes]);
    this.#partial = undefined;
    let at = 0;
    for (;;) {
      const end = input.indexOf(headEnd, at);
      if (end < 0 && input.length - at <= headBytesMax) {
        this.#partial = at === input.length ? undefined : Buffer.from(input.subarray(at));
        return;
      }
      if (end < 0 || end - at > headBytesMax) {
        this.#unreadable("H25", "oversized header");
        return;
      }
      const head = parseResponseHead(input.toString("latin1", at, end + 2));
      if (!head.ok) {
        this.#unreadable(head.code, head.cause);
        return;
      }
      at = end + 4;
      if (head.status === 101) {
        this.#switch(head, input.subarray(at));
        return;
      }
      if (head.status >= 200) {
        this.#answer(head, input, at);
        return;
      }
      this.#information += 1;
      if (this.#information > informationMax) {
        this.#unreadable("H17", "too many interim answers");
        return;
      }
      this.#user?.upstreamInformation(head);
      if (this.#phase !== "head") return;
    }
  }

  #switch(head: ResponseHead, bytes: Buffer): void {
    if (this.#user?.isUpgrade !== true) {
      this.#unreadable("H17", "101 that nobody asked for");
      return;
    }
    this.#phase = "tunnel";
    this.#user.upstreamTunnel(head, bytes);
  }

  #answer(head: ResponseHead, input: Buffer, at: number): void {
    const user = this.#user;
    if (user === undefined) return;
    if (user.isHead || head.status === 204 || head.status === 304) this.#framing.startLength(0);
    else if (head.isChunked) this.#framing.startChunked();
    else if (head.contentLength >= 0) this.#framing.startLength(head.contentLength);
    else this.#framing.startUntilClose();
    this.#isReusable = !head.isClose && !this.#framing.isUntilClose && !user.isUpgrade;
    // A second less than the dyno says, for the request to arrive before it closes.
    this.#keepAliveMs =
      head.keepAliveSeconds === undefined ? this.#idleMs : Math.min(this.#idleMs, head.keepAliveSeconds * 1000 - 1000);
    this.#phase = "body";
    const end = this.#framing.advance(input, at);
    if (end === malformed) {
      this.#unreadable("H17", "bad chunk");
      return;
    }
    const isDone = end !== unfinished;
    if (isDone) this.#release(end === input.length);
    user.upstreamResponse(head, input.subarray(at, isDone ? end : input.length), this.#framing.isUntilClose, isDone);
  }

  #readBody(bytes: Buffer): void {
    const user = this.#user;
    const end = this.#framing.advance(bytes, 0);
    if (user === undefined || end === malformed) {
      this.#broken({ kind: "interrupted" });
      return;
    }
    const isDone = end !== unfinished;
    if (isDone) this.#release(end === bytes.length);
    user.upstreamBody(isDone && end < bytes.length ? bytes.subarray(0, end) : bytes, isDone);
  }

  /** The answer is complete: keeps the connection for the next request, or closes it. */
  #release(isClean: boolean): void {
    const isReusable = isClean && this.#isReusable && this.#user?.isRequestSent === true && this.#keepAliveMs > 0;
    this.#user = undefined;
    this.#information = 0;
    if (!isReusable) {
      this.destroy();
      return;
    }
    this.#phase = "idle";
    this.idleSinceMs = performance.now();
    this.idleUntilMs = this.idleSinceMs + this.#keepAliveMs;
    this.backend.keepIdle(this);
  }

  /** The dyno's side has ended (FIN), or broken when `isError`. */
  #ended(isError: boolean): void {
    switch (this.#phase) {
      case "connecting": {
        const user = this.#user;
        this.destroy();
        user?.upstreamUnreachable();
        return;
      }
      case "head":
        this.#broken(this.#partial === undefined ? { kind: "silent" } : { kind: "interrupted" });
        return;
      case "body":
      case "tunnel": {
        const isWhole = this.#phase === "tunnel" || (this.#framing.isUntilClose && !isError);
        if (!isWhole) {
          this.#broken({ kind: "interrupted" });
          return;
        }
        const user = this.#user;
        this.destroy();
        user?.upstreamBody(empty, true);
        return;
      }
      default:
        this.destroy();
        return;
    }
  }

  #unreadable(code: "H17" | "H25", cause: string): void {
    this.#broken({ kind: "unreadable", code, cause });
  }

  #broken(how: UpstreamFailure): void {
    const user = this.#user;
    this.destroy();
    user?.upstreamBroken(how);
  }
}
