import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readSettings, type Settings } from "../../services/git/config.ts";
import { type GitService, startGitService } from "../../services/git/service.ts";
import { Environment } from "../../services/kernel/environment.ts";
import { createLogger } from "../../services/kernel/log.ts";
import { connectDatabase, type Database } from "../../services/kernel/postgres.ts";
import { type PlatformApiWorld, startPlatformApi } from "../worlds/platform-api.ts";
import { type PostgresWorld, startPostgres } from "../worlds/postgres.ts";
import { type RegistryWorld, startRegistry } from "../worlds/registry.ts";

export const token = "token-of-the-pusher";

/** A git service with real PostgreSQL, registry and git around it. */
export interface GitWorld {
  readonly api: PlatformApiWorld;
  readonly registry: RegistryWorld;
  readonly database: Database;
  readonly settings: Settings;
  /** Log lines of the services that ran in this process. */
  readonly log: string[];
  readonly folder: string;
  service: GitService;
  /** An app that exists in the database and that the holder of {@link token} may see. */
  addApp(name: string): Promise<{ readonly id: string; readonly name: string }>;
  /** The URL to push to, with the token in it. */
  remote(app: string, password?: string): string;
  /** Stops the service, empties its cache, starts a new one. */
  restart(overrides?: Partial<Settings>): Promise<void>;
  /** Environment for the service as a program of its own. */
  programEnvironment(overrides?: Record<string, string>): Record<string, string>;
  stop(): Promise<void>;
}

export async function startGitWorld(overrides: Partial<Settings> = {}): Promise<GitWorld> {
  const [postgres, registry, api]: [PostgresWorld, RegistryWorld, PlatformApiWorld] = await Promise.all([
    startPostgres(),
    startRegistry(),
    startPlatformApi(),
  ]);
  const { url, as } = await postgres.migratedDatabase();
  const folder = await mkdtemp(join(tmpdir(), "git-"));
  const environment = {
    PORT: "0",
    DATABASE_URL: as("git"),
    REGISTRY_URL: registry.url,
    API_URL: api.url,
    REPOSITORIES_DIR: join(folder, "repositories"),
    STOP_GRACE_SECONDS: "1",
  };
  const settings = { ...readSettings(new Environment(environment)), ...overrides };
  const owner = randomUUID();
  const log: string[] = [];
  const logger = createLogger((line) => log.push(line));
  const database = connectDatabase(url, { connectionsMax: 2 });
  await database.query("insert into accounts (id, email) values ($1, 'owner@example.com')", [owner]);
  const world: GitWorld = {
    api,
    registry,
    database,
    settings,
    log,
    folder,
    service: await startGitService(settings, logger),
    remote: (app, password = token) => `http://any:${password}@127.0.0.1:${world.service.port}/${app}.git`,
    async addApp(name) {
      const app = api.addApp(name, token);
      await database.query("insert into apps (id, name, owner_id) values ($1, $2, $3)", [app.id, name, owner]);
      return app;
    },
    async restart(changes = {}) {
      await world.service.stop();
      await rm(settings.repositoriesDir, { recursive: true, force: true });
      world.service = await startGitService({ ...settings, ...changes }, logger);
    },
    programEnvironment: (changes = {}) => ({ PATH: String(process.env.PATH), ...environment, ...changes }),
    async stop() {
      await world.service.stop();
      await database.close();
      await Promise.all([api.stop(), registry.stop(), postgres.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}

export interface Outcome {
  readonly status: number | null;
  /** Standard output and error together. */
  readonly output: string;
}

/** The real git client in a folder, with nothing of the machine's configuration. */
export async function git(folder: string, ...command: string[]): Promise<Outcome> {
  const child = startGit(folder, ...command);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [status] = await once(child, "close");
  return { status, output };
}

export function startGit(folder: string, ...command: string[]) {
  const identity = { GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.com", GIT_COMMITTER_NAME: "A" };
  return spawn("git", command, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: the client is several processes.
    detached: true,
    env: {
      PATH: String(process.env.PATH),
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_COMMITTER_EMAIL: "a@example.com",
      ...identity,
    },
  });
}

/** A clone-to-be: a repository on branch main with one commit of these files. */
export async function workTree(world: GitWorld, files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(world.folder, "work-"));
  await git(folder, "init", "-q", "-b", "main");
  await commit(folder, files);
  return folder;
}

/** @returns the id of the new commit. */
export async function commit(folder: string, files: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await git(folder, "add", "-A");
  await git(folder, "commit", "-q", "-m", "a change");
  return (await git(folder, "rev-parse", "HEAD")).output.trim();
}

/** Refs of an app as the platform has them, or {} when nothing was pushed. */
export async function storedRefs(world: GitWorld, appId: string): Promise<Record<string, string>> {
  const rows = await world.database.query<{ refs: Record<string, string> }>(
    "select refs from repositories where app_id = $1",
    [appId],
  );
  return rows[0]?.refs ?? {};
}
