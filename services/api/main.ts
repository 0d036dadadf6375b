import { readSettings } from "./config.ts";
import { startService } from "./service.ts";

const graceMs = 20_000;

const service = await startService(readSettings());

const end = () => {
  void service.stop(graceMs).then(() => process.exit(0));
  // Whatever hangs, the dyno ends before the platform would kill it.
  setTimeout(() => process.exit(1), graceMs + 5_000).unref();
};
process.on("SIGTERM", end);
process.on("SIGINT", end);
