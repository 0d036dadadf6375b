import { createLogger } from "../kernel/log.ts";
import { sentence } from "../kernel/problem.ts";
import { readConfig } from "./config.ts";
import { startLogService } from "./service.ts";

const logger = createLogger();
try {
  const service = await startLogService(readConfig(process.env), logger);
  logger.info("logs is up", { port: service.port });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      void service.stop().then(() => process.exit(0));
    });
  }
} catch (thrown) {
  logger.error(sentence(thrown));
  process.exit(1);
}
