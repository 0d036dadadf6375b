import http from "node:http";
import type { Logger } from "../kernel/log.ts";
import { sentence } from "../kernel/problem.ts";
import { formatRequestLine, type RequestRecord } from "./request-line.ts";

export interface RequestLogSettings {
  /** Lines are posted to `<url>/intake` (docs/architecture.md, logs protocol). */
  readonly url: string;
  readonly token: string;
  /** Lines wait so long for company. */
  readonly batchMs: number;
  /** Characters that may wait; more are dropped and counted. */
  readonly waitingMax: number;
  readonly postMs: number;
}

export const requestLogDefaults = { batchMs: 100, waitingMax: 4 * 1024 * 1024, postMs: 5_000 } as const;

/** Bodies stay below what the logs app takes. */
const bodyMax = 900_000;
const attemptsMax = 5;

/** Carries the router's lines to the logs app, in batches, one after the other, so that lines stay in order. */
export class RequestLog {
  readonly #settings: RequestLogSettings;
  readonly #log: Logger;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  #batches: string[] = [];
  #batch = "";
  #waiting = 0;
  readonly #dropped = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isStopping = false;
  #isFailing = false;

  constructor(settings: RequestLogSettings, log: Logger) {
    this.#settings = settings;
    this.#log = log;
  }

  record(appId: string, record: RequestRecord): void {
    const line = encodeLine(appId, formatRequestLine(record), performance.timeOrigin + performance.now());
    if (this.#waiting + line.length > this.#settings.waitingMax) {
      this.#dropped.set(appId, (this.#dropped.get(appId) ?? 0) + 1);
      return;
    }
    this.#push(line);
  }

  /** Sends what waits, for at most the given time. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#send();
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, withinMs);
    await Promise.race([this.#sending, deadline.promise]);
    clearTimeout(timer);
    this.#agent.destroy();
  }

  #push(line: string): void {
    this.#waiting += line.length;
    if (this.#batch.length + line.length > bodyMax) this.#closeBatch();
    this.#batch += line;
    if (this.#timer === undefined && !this.#isStopping)
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#send();
      }, this.#settings.batchMs);
  }

  #closeBatch(): void {
    if (this.#batch !== "") this.#batches.push(this.#batch);
    this.#batch = "";
  }

  #send(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      this.#closeBatch();
      const batch = this.#batches.shift();
      if (batch === undefined) return;
      const isSent = await this.#deliver(batch);
      this.#waiting -= batch.length;
      if (!isSent) this.#countDropped(batch);
      else this.#tellDropped();
    }
  }

  async #deliver(batch: string): Promise<boolean> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      try {
        await this.#post(batch);
        if (this.#isFailing) this.#log.info("Router lines reach the logs app again");
        this.#isFailing = false;
        return true;
      } catch (error) {
        if (!this.#isFailing) this.#log.warn("Cannot hand router lines to the logs app", { reason: sentence(error) });
        this.#isFailing = true;
        if (this.#isStopping) return false;
        await new Promise((resolve) => setTimeout(resolve, Math.min(this.#settings.batchMs * 2 ** attempt, 2_000)));
      }
    }
    return false;
  }

  #countDropped(batch: string): void {
    for (const line of batch.split("\n")) {
      const appId = /^\{"channel":"app:([^"]+)"/.exec(line)?.[1];
      if (appId !== undefined) this.#dropped.set(appId, (this.#dropped.get(appId) ?? 0) + 1);
    }
  }

  /** The loss is told in the stream it happened in. */
  #tellDropped(): void {
    const now = performance.timeOrigin + performance.now();
    for (const [appId, count] of this.#dropped) {
      const line = encodeLine(appId, `Error L12 (local buffer overflow): ${count} messages dropped.`, now);
      if (this.#waiting + line.length > this.#settings.waitingMax) return;
      this.#dropped.delete(appId);
      this.#push(line);
    }
  }

  #post(batch: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const body = Buffer.from(batch);
    const request = http.request(`${this.#settings.url}/intake`, {
      method: "POST",
      agent: this.#agent,
      timeout: this.#settings.postMs,
      headers: {
        authorization: `Bearer ${this.#settings.token}`,
        "content-type": "application/x-ndjson",
        "content-length": body.length,
      },
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${this.#settings.postMs} ms`)));
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 204) resolve();
        else reject(new Error(`it answered ${response.statusCode}`));
      });
    });
    request.end(body);
    return promise;
  }
}

let secondAt = -1;
let secondText = "";

/** One line of newline-delimited JSON for the logs app. @param atMs time since 1970, with its fraction */
export function encodeLine(appId: string, line: string, atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== secondAt) {
    secondAt = second;
    secondText = new Date(second * 1000).toISOString().slice(0, 19);
  }
  const microseconds = String(Math.floor((atMs - second * 1000) * 1000)).padStart(6, "0");
  return `{"channel":"app:${appId}","at":"${secondText}.${microseconds}+00:00","source":"heroku","process":"router","line":${JSON.stringify(line)}}\n`;
}
