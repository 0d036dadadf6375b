import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../kernel/log.ts";
import type { Config } from "./config.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { createLogServer } from "./server.ts";

export interface LogService {
  /** The port it listens on: the configured one, or the one it was given for 0. */
  readonly port: number;
  /** Ends all streams cleanly, then the server; resolves within `deadlineMs`. Twice is fine. */
  stop(deadlineMs?: number): Promise<void>;
}

const sweepEveryMs = 60_000;

/** Resolves when it listens. @throws Error when the port is taken. */
export async function startLogService(
  config: Config,
  logger: Logger,
  limits: Limits = defaultLimits,
  now: () => Date = () => new Date(),
): Promise<LogService> {
  const stopping = new AbortController();
  const logServer = createLogServer(config, limits, logger, now, stopping.signal);
  const server = http.createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 75_000, maxHeaderSize: 16_384 },
    (request, response) => {
      logServer.handle(request, response);
      // A connection whose last response ends during the stop is idle only then.
      response.once("close", () => setImmediate(() => stopping.signal.aborted && server.closeIdleConnections()));
    },
  );
  server.maxConnections = limits.streamsMax + 200;
  server.listen(config.port);
  await once(server, "listening");
  const sweeper = setInterval(() => logServer.sweep(), sweepEveryMs);
  const { port } = server.address() as AddressInfo;

  let stopped: Promise<void> | undefined;
  return {
    port,
    stop(deadlineMs = 5_000) {
      stopped ??= (async () => {
        clearInterval(sweeper);
        const closed = once(server, "close");
        server.close();
        stopping.abort();
        server.closeIdleConnections();
        const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
        await closed;
        clearTimeout(deadline);
        logServer.sweep();
      })();
      return stopped;
    },
  };
}
