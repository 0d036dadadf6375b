import type { Engine } from "../kernel/engine/port.ts";
import type { Platform } from "../kernel/platform.ts";
import { connectDatabase, type Database } from "../kernel/postgres.ts";
import { createRegistry, type Registry } from "../kernel/registry.ts";
import { databaseUrl, registryUrl } from "./addresses.ts";
import type { Checkout } from "./checkout.ts";
import type { EngineApi } from "./engine-api.ts";
import type { Git } from "./git.ts";
import { readSecrets, type Secrets } from "./secrets.ts";
import type { Terminal } from "./terminal.ts";

/** All that steps touch: the machine, the engine, and what stands in the data folder. */
export interface World {
  readonly platform: Platform;
  readonly engine: Engine;
  readonly engineApi: EngineApi;
  readonly checkout: Checkout;
  readonly git: Git;
  /** PATH for the programs that are started. */
  readonly path: string;
  readonly terminal: Terminal;
  /** PEM text of extra CA certificates, or "". */
  readonly extraCa: string;
  /** Proxy and registry settings for builds. */
  readonly outside: Readonly<Record<string, string>>;
  readonly baseImage: string | undefined;
  /** Ask nothing. */
  readonly yes: boolean;
  /** @throws Error when the data folder has no secrets yet. */
  secrets(): Promise<Secrets>;
  /** A connection as the superuser or as one of the roles; `use` closes it. */
  withDatabase<T>(
    role: string,
    password: string,
    database: string,
    use: (database: Database) => Promise<T>,
  ): Promise<T>;
  registry(): Registry;
}

/** The parts of a world that follow from the others. */
export function completeWorld(given: Omit<World, "secrets" | "withDatabase" | "registry">): World {
  const { platform } = given;
  let secrets: Secrets | undefined;
  return {
    ...given,
    async secrets() {
      secrets ??= await readSecrets(platform.dataDir);
      if (secrets === undefined) throw new Error(`Bug: ${platform.dataDir} has no secrets yet`);
      return secrets;
    },
    async withDatabase(role, password, database, use) {
      const opened = connectDatabase(databaseUrl(platform, role, password, database), {
        connectionsMax: 1,
        applicationName: "seed",
      });
      try {
        return await use(opened);
      } finally {
        await opened.close();
      }
    },
    registry: () => createRegistry(registryUrl(platform)),
  };
}
