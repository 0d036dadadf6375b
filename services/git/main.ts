import { Environment } from "../kernel/environment.ts";
import { createLogger } from "../kernel/log.ts";
import { sentence } from "../kernel/problem.ts";
import { readSettings } from "./config.ts";
import { startGitService } from "./service.ts";

const logger = createLogger();
try {
  const service = await startGitService(readSettings(new Environment(process.env)), logger);
  const stop = () => {
    logger.info("Stopping");
    void service.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  logger.info("Ready", { port: service.port });
} catch (error) {
  logger.error(sentence(error));
  process.exitCode = 1;
}
