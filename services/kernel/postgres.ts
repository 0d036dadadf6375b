import { readdir, readFile } from "node:fs/promises";
import pg from "pg";

/** The only file that imports pg. Rows come back as plain objects; bigint columns as numbers (all of ours fit). */
pg.types.setTypeParser(20, (text) => Number(text));

export type Row = Record<string, unknown>;

/** Runs statements, in a transaction or outside one. */
export interface Queries {
  /** `$1`-style parameters; objects and arrays for jsonb columns must be given through {@link json}. */
  query<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

export interface Database extends Queries {
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /**
   * Calls `wake` at every NOTIFY on the channel, once at the start, and once after each lost connection: a wake-up carries no facts.
   * Reconnects by itself until the signal aborts.
   */
  listen(channel: string, wake: () => void, signal: AbortSignal): void;
  close(): Promise<void>;
}

/** A jsonb parameter. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}

/** @param options.connectionsMax connections at most; statements wait up to 5 s for a free one, and run 30 s at most. */
export function connectDatabase(
  url: string,
  options: { connectionsMax?: number; applicationName?: string } = {},
): Database {
  const settings = {
    connectionString: url,
    application_name: options.applicationName ?? "quine",
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...settings, max: options.connectionsMax ?? 4, idleTimeoutMillis: 60_000 });
  // A broken idle connection is dropped by the pool; the next query opens another.
  pool.on("error", () => {});

  const on = (client: pg.Pool | pg.PoolClient): Queries => ({
    async query<R extends Row>(text: string, values: readonly unknown[] = []) {
      const result = await client.query(text, [...values]);
      return result.rows as R[];
    },
  });

  return {
    ...on(pool),
    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work(on(client));
        await client.query("commit");
        client.release();
        return result;
      } catch (error) {
        const broken = await client.query("rollback").then(
          () => undefined,
          (cause: Error) => cause,
        );
        client.release(broken);
        throw error;
      }
    },
    listen(channel, wake, signal) {
      void listenForever(settings, channel, wake, signal);
    },
    close: () => pool.end(),
  };
}

async function listenForever(
  settings: pg.ClientConfig,
  channel: string,
  wake: () => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = 50;
  while (!signal.aborted) {
    const client = new pg.Client(settings);
    const lost = new Promise<void>((resolve) => {
      client.on("end", resolve);
      client.on("error", () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    try {
      await client.connect();
      client.on("notification", () => wake());
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
      waitMs = 50;
      wake();
      await lost;
    } catch {
      // The next turn tries again; whoever listens also has a timer.
    }
    await client.end().catch(() => {});
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(waitMs * 2, 1_000);
  }
}

/** SQLSTATE of an error that Postgres raised ("23505" is a unique violation), or undefined. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** True when the database could not be asked at all: down, restarting, or the connection broke. */
export function isUnreachable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith("57P") || state.startsWith("08") || state === "53300";
  const code = (error as { code?: string } | undefined)?.code ?? "";
  return (
    /^(ECONN|ETIMEDOUT|EHOST|ENET|EPIPE)/.test(code) ||
    /timeout|terminated|Connection/.test(String((error as Error)?.message))
  );
}

/** Runs the numbered files of `services/kernel/migrations` that have not run yet, each in a transaction of its own. @returns their names. */
export async function migrate(database: Database): Promise<string[]> {
  const folder = new URL("./migrations/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name)).sort();
  await database.query(
    "create table if not exists migrations (name text primary key, run_at timestamptz not null default now())",
  );
  const done: string[] = [];
  for (const file of files) {
    const sql = await readFile(new URL(file, folder), "utf8");
    const ran = await database.transaction(async (queries) => {
      // Inserted first: a second migrator waits here, then finds it done.
      const inserted = await queries.query(
        "insert into migrations (name) values ($1) on conflict do nothing returning name",
        [file],
      );
      if (inserted.length === 0) return false;
      await queries.query(sql);
      return true;
    });
    if (ran) done.push(file);
  }
  return done;
}
