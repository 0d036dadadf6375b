import { once } from "node:events";
import type http from "node:http";
import type net from "node:net";
import type { Logger } from "../kernel/log.ts";
import { connectDatabase } from "../kernel/postgres.ts";
import { Problem } from "../kernel/problem.ts";
import { createRegistry } from "../kernel/registry.ts";
import type { Settings } from "./config.ts";
import { createFrontServer } from "./http/server.ts";
import { createSlots } from "./http/slots.ts";
import { createApi } from "./platform/api.ts";
import { createClient } from "./platform/client.ts";
import { startHookServer } from "./push/hook-server.ts";
import { createCache } from "./repository/cache.ts";
import { createGit } from "./repository/git.ts";
import { makeHome } from "./repository/home.ts";
import { createStore, type Store } from "./repository/store.ts";

export interface GitService {
  /** The port it answers on. */
  readonly port: number;
  /** Lets running requests end within the grace time, then ends them; calling it again waits for the same end. */
  stop(): Promise<void>;
}

const slotWaitMs = 30_000;
/** One that builds, and one that is told to wait for it. */
const receivesPerAppMax = 2;
const sweepEveryMs = 600_000;
const megabyte = 1024 * 1024;

/** Starts the whole service; it is ready when this resolves. @throws Error when the port or the folder cannot be had. */
export async function startGitService(settings: Settings, logger: Logger): Promise<GitService> {
  const home = await makeHome(settings.repositoriesDir, settings.pushBytesMax);
  const hooks = await startHookServer(home.socket, logger);
  const database = connectDatabase(settings.databaseUrl, { connectionsMax: 2, applicationName: "git" });
  const store = createStore(database);
  const hydration = { git: createGit(home), home, registry: createRegistry(settings.registryUrl) };
  const api = createApi(createClient(settings.apiUrl));
  const stopped = new AbortController();
  const killed = new AbortController();
  const { pushBytesMax, sourceBytesMax, cacheBytesMax, rolloutTimeLimitMs, pushTimeLimitMs, readTimeLimitMs } =
    settings;

  const server = createFrontServer({
    api,
    home,
    hooks,
    logger,
    cache: createCache(hydration, cacheBytesMax, logger),
    line: {
      hydration,
      store,
      api,
      logger,
      limits: {
        refsMax: 5_000,
        packsMax: settings.packsMax,
        repositoryBytesMax: 2 * pushBytesMax,
        outputBytesMax: 8 * megabyte,
        sourceBytesMax,
      },
      rolloutTimeLimitMs,
      journalGraceMs: settings.journalGraceMs,
      stopped: stopped.signal,
    },
    receives: createSlots(settings.receivesMax, receivesPerAppMax, slotWaitMs),
    reads: createSlots(settings.readsMax, settings.readsMax, slotWaitMs),
    pushBytesMax,
    pushTimeLimitMs,
    readTimeLimitMs,
    killed: killed.signal,
  });
  server.listen(settings.port);
  await once(server, "listening");
  const sweeper = sweepRepeatedly(store, logger);

  let end: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(sweeper);
    await finish(server, [
      [settings.stopGraceMs, () => stopped.abort(new Problem("service_unavailable", replaced))],
      // Time for the pushers to be told, and for git to say so in its own protocol.
      [settings.stopGraceMs + lastWordsMs, () => killed.abort()],
      // Time for git to remove its quarantines.
      [settings.stopGraceMs + 2 * lastWordsMs, () => server.closeAllConnections()],
    ]);
    await hooks.close();
    await database.close();
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    stop: () => {
      end ??= stop();
      return end;
    },
  };
}

const lastWordsMs = 2_000;
const replaced = "The git service is being replaced: push again in a minute";

/** Takes no new connections and waits for the running requests, with steps of growing force at the given times. */
async function finish(server: http.Server, steps: readonly [afterMs: number, step: () => void][]): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timers = steps.map(([afterMs, step]) => setTimeout(step, afterMs));
  await closed;
  for (const timer of timers) clearTimeout(timer);
}

/** Rows of destroyed apps: garbage, so that a database that does not answer is no reason to stop. */
function sweepRepeatedly(store: Store, logger: Logger): NodeJS.Timeout {
  const sweep = () =>
    store.sweep().then(
      (count) => count > 0 && logger.info("Removed repositories of destroyed apps", { count }),
      (error: Error) => logger.warn("Cannot remove repositories of destroyed apps", { error: error.message }),
    );
  void sweep();
  return setInterval(sweep, sweepEveryMs).unref();
}
