import http from "node:http";
import type { Logger } from "../kernel/log.ts";

/** One line for the logs app, or the end of a build's output (docs/architecture.md, logs protocol). */
export type LogEntry =
  | {
      readonly channel: string;
      readonly at: string;
      readonly source: "app" | "heroku";
      readonly process: string;
      readonly line: string;
    }
  | { readonly channel: string; readonly end: true };

/** Where lines go on their way to the logs app. It never blocks: beyond its bound, lines are dropped, counted and told. */
export interface Forwarder {
  push(entry: LogEntry): void;
  /** Sends what is queued, within the deadline. */
  close(deadlineMs: number): Promise<void>;
}

const queueMax = 20_000;
const batchBytesMax = 256 * 1024;

export function createForwarder(logsUrl: string, token: string, log: Logger): Forwarder {
  const url = new URL(`${logsUrl}/intake`);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let queue: { entry: LogEntry; text: string }[] = [];
  let sending: Promise<void> | undefined;
  let closed = false;
  const dropped = new Map<string, { count: number; since: string }>();

  function drop(entry: LogEntry): void {
    const known = dropped.get(entry.channel);
    dropped.set(entry.channel, { count: (known?.count ?? 0) + 1, since: known?.since ?? stamp(new Date()) });
  }

  /** What was lost is told in the stream it was lost from. */
  function tellDropped(): void {
    for (const [channel, { count, since }] of dropped) {
      const line = `Error L12 (local buffer overflow): ${count} messages dropped since ${since}.`;
      const entry: LogEntry = { channel, at: stamp(new Date()), source: "heroku", process: "logplex", line };
      queue.push({ entry, text: JSON.stringify(entry) });
    }
    dropped.clear();
  }

  async function sendAll(): Promise<void> {
    let waitMs = 50;
    while (queue.length > 0) {
      let bytes = 0;
      let count = 0;
      while (count < queue.length && bytes < batchBytesMax) bytes += (queue[count++]?.text.length ?? 0) + 1;
      const batch = queue.slice(0, count);
      try {
        await post(url, agent, token, `${batch.map(({ text }) => text).join("\n")}\n`);
        queue = queue.slice(count);
        waitMs = 50;
        if (dropped.size > 0) tellDropped();
      } catch (error) {
        if (closed) return;
        if (waitMs === 50)
          log.warn("cannot hand lines to the logs app, they wait", { why: String(error), queued: queue.length });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        waitMs = Math.min(waitMs * 2, 2_000);
      }
    }
  }

  function kick(): void {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
  }

  return {
    push(entry) {
      if (queue.length >= queueMax && !("end" in entry)) return drop(entry);
      queue.push({ entry, text: JSON.stringify(entry) });
      kick();
    },
    async close(deadlineMs) {
      if (queue.length > 0) kick();
      await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, deadlineMs).unref())]);
      closed = true;
      agent.destroy();
    },
  };
}

function post(url: URL, agent: http.Agent, token: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      agent,
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/x-ndjson",
        "content-length": Buffer.byteLength(body),
      },
    });
    request.setTimeout(10_000, () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      response.on("end", () =>
        response.statusCode === 204 ? resolve() : reject(new Error(`the logs app answered ${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    request.end(body);
  });
}

/** RFC 3339 with microseconds, as Heroku's log lines have it. */
export function stamp(at: Date): string {
  return at.toISOString().replace("Z", "000+00:00");
}
