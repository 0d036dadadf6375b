import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { readSettings, type Settings } from "../../services/api/config.ts";
import { type Service, startService } from "../../services/api/service.ts";
import { createLogger } from "../../services/kernel/log.ts";
import { connectDatabase, type Database, json } from "../../services/kernel/postgres.ts";
import { createSeal, sealAll } from "../../services/kernel/seal.ts";
import { systemApps } from "../../services/kernel/system-apps.ts";
import { hashToken } from "../../services/kernel/token.ts";
import { type PostgresWorld, startPostgres } from "../worlds/postgres.ts";
import { type RegistryWorld, startRegistry } from "../worlds/registry.ts";

export const ownerToken = "owner-token-0123456789";
export const otherToken = "other-token-0123456789";

/** What a test asks with. */
export interface Ask {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string | null;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Loose;
}

/** Whatever came: a test looks into it and expects. */
export type Loose = { readonly [name: string]: Loose } & readonly Loose[] & string;

/** The API over a real database and registry, with the platform's own apps as the seed registers them. */
export interface ApiWorld {
  readonly settings: Settings;
  readonly service: Service;
  /** As the superuser: for what a test arranges and looks up; dynos, which only the runtime writes. */
  readonly database: Database;
  readonly url: string;
  readonly ownerId: string;
  /** Everything posted to the logs intake so far, parsed. */
  readonly said: Record<string, string>[];
  /** Lines of the API's own log. */
  readonly logged: string[];
  ask(method: string, path: string, ask?: Ask): Promise<Reply>;
  /** Resolves when the intake has got a line that fits. */
  hears(fits: (line: Record<string, string>) => boolean): Promise<Record<string, string>>;
  /** Resolves when the API has logged a line that has this text. */
  logs(text: string): Promise<void>;
  appId(name: string): Promise<string>;
  /** A second API on the same database. */
  startAnother(): Promise<Service>;
  stop(): Promise<void>;
}

export async function startApiWorld(overrides: Record<string, string> = {}): Promise<ApiWorld> {
  const [postgres, registry]: [PostgresWorld, RegistryWorld] = await Promise.all([startPostgres(), startRegistry()]);
  const migrated = await postgres.migratedDatabase();
  const database = connectDatabase(migrated.url, { connectionsMax: 3 });
  const intake = await startIntake();
  const settings = readSettings({
    PORT: "0",
    DATABASE_URL: migrated.as("api"),
    SEAL_KEY: "ab".repeat(32),
    TOKEN_KEY: "cd".repeat(32),
    REGISTRY_URL: registry.url,
    LOGS_URL: `${intake.url}/_logs`,
    LOGS_TOKEN: "logs-token",
    LOGS_KEY: "ef".repeat(32),
    PLATFORM_DOMAIN: "localhost",
    PLATFORM_HTTP_PORT: "8080",
    PLATFORM_HTTPS_PORT: "8443",
    ...overrides,
  });
  const ownerId = await registerPlatform(database, settings);
  const logged: string[] = [];
  const listeners = new Set<() => void>();
  const logger = createLogger((line) => {
    logged.push(line);
    for (const wake of [...listeners]) wake();
  });
  const service = await startService(settings, logger);
  const others: Service[] = [];
  const url = `http://127.0.0.1:${service.port}`;

  return {
    settings,
    service,
    database,
    url,
    ownerId,
    said: intake.said,
    logged,
    ask: (method, path, ask) => send(url, method, path, ask),
    hears: intake.hears,
    logs: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (!logged.some((line) => line.includes(text))) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    async appId(name) {
      const [row] = await database.query<{ id: string }>("select id from apps where name = $1", [name]);
      if (row === undefined) throw new Error(`no app ${name}`);
      return row.id;
    },
    async startAnother() {
      const another = await startService(settings, logger);
      others.push(another);
      return another;
    },
    async stop() {
      await Promise.all([service, ...others].map((one) => one.stop(2_000)));
      intake.close();
      await database.close();
      await Promise.all([postgres.stop(), registry.stop()]);
    },
  };
}

async function send(url: string, method: string, path: string, ask: Ask = {}): Promise<Reply> {
  const { token = ownerToken, accept = "application/vnd.heroku+json; version=3" } = ask;
  const headers: Record<string, string> = { ...ask.headers };
  if (token !== null && headers.authorization === undefined) headers.authorization = `Bearer ${token}`;
  if (accept !== null) headers.accept = accept;
  const isRaw = typeof ask.body === "string" || ask.body instanceof Uint8Array;
  if (ask.body !== undefined && !isRaw) headers["content-type"] = "application/json";
  const body = isRaw ? (ask.body as string) : ask.body === undefined ? undefined : JSON.stringify(ask.body);
  const response = await fetch(path.startsWith("http") ? path : `${url}${path}`, {
    method,
    headers,
    body,
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
}

/** Accounts, tokens and the system apps, each with a first release of one slug, as after a boot. @returns the owner's id. */
async function registerPlatform(database: Database, settings: Settings): Promise<string> {
  const seal = createSeal(settings.sealKey);
  const ownerId = randomUUID();
  for (const [id, email, token] of [
    [ownerId, "admin@localhost", ownerToken],
    [randomUUID(), "other@example.org", otherToken],
  ] as const) {
    await database.query("insert into accounts (id, email) values ($1, $2)", [id, email]);
    await database.query("insert into tokens (id, account_id, hash) values ($1, $2, $3)", [
      randomUUID(),
      id,
      hashToken(settings.tokenKey, token),
    ]);
  }
  const platformId = randomUUID();
  const slugId = randomUUID();
  const processTypes = Object.fromEntries(systemApps.map(({ name }) => [name, `node services/${name}/main.ts`]));
  await database.query("insert into apps (id, name, system, owner_id) values ($1, 'quine', true, $2)", [
    platformId,
    ownerId,
  ]);
  await database.query(
    `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, bytes)
     values ($1, $2, $3, '[]', $4, 'debian-12', 'aaaaaaaaaaaa', 1)`,
    [slugId, platformId, `sha256:${"a".repeat(64)}`, json(processTypes)],
  );
  for (const { name, quantity } of [{ name: "quine", quantity: 0 }, ...systemApps]) {
    const appId = name === "quine" ? platformId : randomUUID();
    if (name !== "quine") {
      await database.query("insert into apps (id, name, system, owner_id) values ($1, $2, true, $3)", [
        appId,
        name,
        ownerId,
      ]);
      await database.query(
        "insert into formations (id, app_id, type, quantity, size) values ($1, $2, $3, $4, 'system')",
        [randomUUID(), appId, name, quantity],
      );
      const sealed = sealAll(seal, { SECRET: "platform-secret" });
      await database.query("insert into config_vars (app_id, name, sealed) values ($1, 'SECRET', $2)", [
        appId,
        sealed.SECRET,
      ]);
    }
    await database.query(
      "insert into releases (id, app_id, version, slug_id, account_id, description) values ($1, $2, 1, $3, $4, 'Bootstrap')",
      [randomUUID(), appId, slugId, ownerId],
    );
  }
  return ownerId;
}

/** What the logs app takes in, kept for the test. */
async function startIntake() {
  const said: Record<string, string>[] = [];
  const waiting = new Set<() => void>();
  const server = http.createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const isRight = request.url === "/_logs/intake" && request.headers.authorization === "Bearer logs-token";
    if (isRight) for (const line of text.trim().split("\n")) said.push(JSON.parse(line));
    response.writeHead(isRight ? 204 : 401).end();
    for (const wake of [...waiting]) wake();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    said,
    hears: (fits: (line: Record<string, string>) => boolean) =>
      new Promise<Record<string, string>>((resolve) => {
        const look = () => {
          const found = said.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
