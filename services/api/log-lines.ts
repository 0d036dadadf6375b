import http from "node:http";
import type { Logger } from "../kernel/log.ts";

/** Lines of the platform in an app's own log, e.g. `app[api]: Release v3 created by user E`. */
export interface LogLines {
  /** Queues a line; never waits. When the queue is full the oldest line goes, and the app's log is told how many went. */
  say(appId: string, line: string): void;
  /** Ends the output stream of a build whose dyno cannot do so itself. */
  endBuild(buildId: string): void;
  /** Sends what is queued, at most `deadlineMs` long, and stops. */
  stop(deadlineMs: number): Promise<void>;
}

const queueMax = 2_000;
const batchMax = 200;

export function createLogLines(logsUrl: string, token: string, logger: Logger): LogLines {
  let queue: { channel: string; text: string }[] = [];
  const dropped = new Map<string, number>();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let sending: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const push = (channel: string, entry: Record<string, unknown>) => {
    if (queue.length >= queueMax) {
      const oldest = queue.shift();
      if (oldest) dropped.set(oldest.channel, (dropped.get(oldest.channel) ?? 0) + 1);
    }
    queue.push({ channel, text: JSON.stringify({ channel, ...entry }) });
    if (retry === undefined) start();
  };

  const start = () => {
    sending ??= drain().finally(() => {
      sending = undefined;
    });
  };

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const lost = [...dropped];
      const losses = lost.map(([channel, count]) => JSON.stringify({ channel, ...appLine(lossLine(count)) }));
      const batch = queue.slice(0, batchMax);
      try {
        await post(agent, `${logsUrl}/intake`, token, `${[...losses, ...batch.map((line) => line.text)].join("\n")}\n`);
      } catch (error) {
        logger.warn("Cannot send log lines, will try again", { because: (error as Error).message });
        if (!stopped) {
          retry = setTimeout(() => {
            retry = undefined;
            start();
          }, 1_000);
          retry.unref();
        }
        return;
      }
      for (const [channel, count] of lost) {
        const rest = (dropped.get(channel) ?? 0) - count;
        if (rest > 0) dropped.set(channel, rest);
        else dropped.delete(channel);
      }
      // Some of the batch may have been dropped from the front meanwhile: they were sent all the same.
      const sent = new Set(batch);
      queue = queue.filter((line) => !sent.has(line));
    }
  }

  return {
    say: (appId, line) => push(`app:${appId}`, appLine(line)),
    endBuild: (buildId) => push(`build:${buildId}`, { end: true }),
    async stop(deadlineMs) {
      stopped = true;
      clearTimeout(retry);
      retry = undefined;
      start();
      const late = new Promise<void>((resolve) => setTimeout(resolve, deadlineMs).unref());
      await Promise.race([sending, late]);
      agent.destroy();
    },
  };
}

function appLine(line: string): Record<string, string> {
  const at = new Date().toISOString().replace("Z", "000+00:00");
  return { at, source: "app", process: "api", line };
}

function lossLine(count: number): string {
  return `${count} ${count === 1 ? "line" : "lines"} of the API lost: the log did not answer`;
}

function post(agent: http.Agent, url: string, token: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      agent,
      method: "POST",
      timeout: 10_000,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/x-ndjson",
        "content-length": Buffer.byteLength(body),
      },
    });
    request.on("timeout", () => request.destroy(new Error("the logs app did not answer within 10 s")));
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
