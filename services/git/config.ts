import type { Environment } from "../kernel/environment.ts";

/** Every setting of the service, with its unit in its name. */
export interface Settings {
  readonly port: number;
  readonly databaseUrl: string;
  readonly registryUrl: string;
  /** The API through the router; every URL the API hands out is fetched through it too. */
  readonly apiUrl: string;
  /** The cache of repositories: emptied at each start, since the truth is in the database and the registry. */
  readonly repositoriesDir: string;
  /** Largest push, as git counts it (the pack on the wire). */
  readonly pushBytesMax: number;
  /** Largest source archive handed to a build. */
  readonly sourceBytesMax: number;
  /** A repository of this many packs is written anew as one at the next push. */
  readonly packsMax: number;
  /** Repositories not in use are dropped from the cache, the longest unused first, beyond this. */
  readonly cacheBytesMax: number;
  /** Pushes being received, or built, at one time. */
  readonly receivesMax: number;
  /** Fetches and ref listings at one time. */
  readonly readsMax: number;
  /** A push with its build and rollout ends after this, whatever it waits for. */
  readonly pushTimeLimitMs: number;
  /** A fetch ends after this. */
  readonly readTimeLimitMs: number;
  /** How long the verdict of a rollout is waited for; the release stands either way. */
  readonly rolloutTimeLimitMs: number;
  /** A pending push whose build has no id yet is not given up before: the build may be about to be made. Longer than the API is waited for. */
  readonly journalGraceMs: number;
  /** On SIGTERM: how long running requests may go on. */
  readonly stopGraceMs: number;
}

const megabyte = 1024 * 1024;

/** @throws Error naming the variable that is missing or no number. */
export function readSettings(environment: Environment): Settings {
  return {
    port: environment.integer("PORT", 5000),
    databaseUrl: environment.text("DATABASE_URL"),
    registryUrl: environment.text("REGISTRY_URL"),
    apiUrl: environment.text("API_URL"),
    repositoriesDir: environment.text("REPOSITORIES_DIR", "/tmp/repositories"),
    pushBytesMax: environment.integer("PUSH_MB_MAX", 512) * megabyte,
    sourceBytesMax: environment.integer("SOURCE_MB_MAX", 512) * megabyte,
    packsMax: environment.integer("PACKS_MAX", 20),
    cacheBytesMax: environment.integer("CACHE_MB_MAX", 1024) * megabyte,
    receivesMax: environment.integer("RECEIVES_MAX", 8),
    readsMax: environment.integer("READS_MAX", 8),
    pushTimeLimitMs: environment.integer("PUSH_TIME_LIMIT_SECONDS", 2700) * 1000,
    readTimeLimitMs: environment.integer("READ_TIME_LIMIT_SECONDS", 600) * 1000,
    rolloutTimeLimitMs: environment.integer("ROLLOUT_TIME_LIMIT_SECONDS", 900) * 1000,
    journalGraceMs: environment.integer("JOURNAL_GRACE_SECONDS", 60) * 1000,
    stopGraceMs: environment.integer("STOP_GRACE_SECONDS", 25) * 1000,
  };
}
