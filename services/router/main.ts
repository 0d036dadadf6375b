import { createLogger } from "../kernel/log.ts";
import { connectDatabase } from "../kernel/postgres.ts";
import { sentence } from "../kernel/problem.ts";
import { readConfig } from "./config.ts";
import { serveHealth } from "./health.ts";
import { postgresRoutes } from "./postgres-routes.ts";
import { RequestLog } from "./request-log.ts";
import { Router } from "./router.ts";

const log = createLogger();

try {
  const config = readConfig(process.env);
  const database = connectDatabase(config.databaseUrl, { connectionsMax: 1, applicationName: "router" });
  const requestLog = new RequestLog(config.log, log);
  const router = new Router(config.router, postgresRoutes(database, log), log, (appId, record) =>
    requestLog.record(appId, record),
  );

  let stopHealth = () => {};
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    log.info("Stopping: finishing the requests in flight");
    stopHealth();
    await router.stop();
    await requestLog.stop(2_000);
    process.exit(0);
  };
  process.on("SIGTERM", () => void stop());
  process.on("SIGINT", () => void stop());

  const listening = await router.start();
  stopHealth = await serveHealth(config.healthPort);
  log.info("Serving", { ports: listening.join(","), health: config.healthPort });
} catch (error) {
  log.error(sentence(error));
  process.exit(1);
}
