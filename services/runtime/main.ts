import { readFile, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { createDockerEngine } from "../kernel/engine/docker.ts";
import { createLogger, type Logger } from "../kernel/log.ts";
import { dataPaths } from "../kernel/platform.ts";
import { connectDatabase } from "../kernel/postgres.ts";
import { sentence } from "../kernel/problem.ts";
import { type Config, readConfig } from "./config.ts";
import { takeLead } from "./leadership.ts";
import { lead, standbySocket } from "./term.ts";

/**
 * The dyno manager. It stands by until it gets the lead, leads until it is stopped or its successor is up, and then stands by again:
 * if the successor fails, the lock comes back and with it the lead.
 */
async function main(): Promise<void> {
  const log = createLogger();
  const config = readConfig(process.env);
  const { dataDir } = config.platform;
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

  const engine = createDockerEngine("/var/run/docker.sock");
  const database = connectDatabase(config.databaseUrl, { connectionsMax: 3, applicationName: "runtime" });
  log.info("stands by", { engine: (await engine.info()).version, dyno: config.dynoId });
  const socket = await sayReady(standbySocket(dataDir, config.dynoId));

  let hasLed = false;
  while (!stop.signal.aborted) {
    const held = await takeLead(`${dataPaths.runtime(dataDir)}/lead.lock`, stop.signal).catch((error: Error) => {
      if (stop.signal.aborted) return undefined;
      throw error;
    });
    if (held === undefined) break;
    const former = await readLeader(dataDir);
    await writeFile(leaderFile(dataDir), config.dynoId, { mode: 0o600 });
    log.info("leads", { former });
    const failed = hasLed && former !== config.dynoId ? former : undefined;
    const end = await lead(config, engine, database, log, failed, stop.signal);
    await held.release();
    hasLed = true;
    log.info(end === "stopped" ? "stops leading" : "steps back for its successor");
    if (end === "stepped-back") await untilAnotherLeads(config, log, stop.signal);
  }
  socket.close();
  await database.close().catch(() => {});
  process.exit(0);
}

/** A unix socket that accepts connections is how a standby says that it could lead. */
async function sayReady(path: string): Promise<net.Server> {
  await rm(path, { force: true });
  const server = net.createServer((connection) => connection.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return server;
}

/** Gives the successor time to take the lock before this one queues for it again. */
async function untilAnotherLeads(config: Config, log: Logger, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!signal.aborted && Date.now() < deadline) {
    if ((await readLeader(config.platform.dataDir)) !== config.dynoId) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  log.warn("no successor took the lead within 10 s");
}

function leaderFile(dataDir: string): string {
  return `${dataPaths.runtime(dataDir)}/leader`;
}

async function readLeader(dataDir: string): Promise<string> {
  return (await readFile(leaderFile(dataDir), "utf8").catch(() => "")).trim();
}

main().catch((error: unknown) => {
  createLogger().error("the runtime ends", { why: sentence(error) });
  process.exit(1);
});
