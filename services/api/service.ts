import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createLogger, type Logger } from "../kernel/log.ts";
import { connectDatabase } from "../kernel/postgres.ts";
import { createRegistry } from "../kernel/registry.ts";
import { createSeal } from "../kernel/seal.ts";
import { Bell } from "./bell.ts";
import type { Settings } from "./config.ts";
import { createLogLines } from "./log-lines.ts";
import { runLoops } from "./loops.ts";
import type { Parts } from "./parts.ts";
import { createServer } from "./server.ts";

export interface Service {
  /** It listens here. */
  readonly port: number;
  /** Answers what is under way and ends, within the deadline; calling it again waits for the same end. */
  stop(deadlineMs: number): Promise<void>;
}

/** Starts the API. Resolves once it listens; the database need not answer yet. */
export async function startService(settings: Settings, logger: Logger = createLogger()): Promise<Service> {
  const database = connectDatabase(settings.databaseUrl, { connectionsMax: 6, applicationName: "api" });
  const stopping = new AbortController();
  const parts: Parts = {
    settings,
    database,
    registry: createRegistry(settings.registryUrl),
    seal: createSeal(settings.sealKey),
    lines: createLogLines(settings.logsUrl, settings.logsToken, logger),
    actual: new Bell(),
    logger,
    stopping: stopping.signal,
  };
  database.listen("actual", () => parts.actual.ring(), stopping.signal);
  const loops = runLoops(parts, stopping.signal);
  const server = createServer(parts).listen(settings.port);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  logger.info("Listening", { port });

  let stopped: Promise<void> | undefined;
  const stop = async (deadlineMs: number) => {
    stopping.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs / 2);
    await closed;
    clearTimeout(cut);
    await Promise.race([loops, new Promise<void>((resolve) => setTimeout(resolve, deadlineMs / 4).unref())]);
    await parts.lines.stop(deadlineMs / 4);
    await database.close();
    logger.info("Stopped");
  };
  return {
    port,
    stop(deadlineMs) {
      stopped ??= stop(deadlineMs);
      return stopped;
    },
  };
}
