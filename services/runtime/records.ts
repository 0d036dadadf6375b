import type { Database } from "../kernel/postgres.ts";

/** A row of the table `dynos`, of which the runtime is the only writer. */
export interface DynoRecord {
  readonly id: string;
  readonly appId: string;
  readonly releaseId: string;
  readonly releaseVersion: number;
  readonly name: string;
  readonly type: string;
  readonly command: string;
  readonly size: string;
  readonly state: "starting" | "up" | "stopping" | "crashed" | "complete";
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly exitStatus?: number;
  readonly exitReason?: string;
  readonly createdAt: Date;
}

/** What happens to dynos, on its way to the database. While that is away the newest record of each dyno waits here. */
export interface Records {
  set(record: DynoRecord): void;
  get(id: string): DynoRecord | undefined;
  /** Writes what waits. @throws Error when the database can't be reached; nothing is lost then. */
  flush(): Promise<void>;
  /** At the start of a lead: takes in the database's records, and ends those whose dynos are gone. */
  adopt(existingIds: ReadonlySet<string>): Promise<void>;
}

export function createRecords(database: Database): Records {
  const known = new Map<string, DynoRecord>();
  const waiting = new Map<string, DynoRecord>();
  let flushing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.values()];
      await database.transaction(async (queries) => {
        for (const record of batch) {
          await queries.query(upsertSql, [
            record.id,
            record.appId,
            record.releaseId,
            record.releaseVersion,
            record.name,
            record.type,
            record.command,
            record.size,
            record.state,
            record.address ?? null,
            record.port ?? null,
            record.exitStatus ?? null,
            record.exitReason ?? null,
            record.createdAt,
          ]);
          // The newest dyno of a place replaces the records of those that ended there; a run's record says that it ran, and stays.
          await queries.query(
            "delete from dynos where app_id = $1 and name = $2 and id <> $3 and state in ('crashed', 'complete') and created_at <= $4 and name !~ '\\.[0-9]{4,}$'",
            [record.appId, record.name, record.id, record.createdAt],
          );
        }
      });
      for (const record of batch) {
        if (waiting.get(record.id) === record) waiting.delete(record.id);
        if (record.state === "complete" || record.state === "crashed") known.delete(record.id);
      }
    }
  }

  const records: Records = {
    set(record) {
      known.set(record.id, record);
      waiting.set(record.id, record);
    },
    get: (id) => known.get(id),
    flush() {
      flushing ??= write().finally(() => {
        flushing = undefined;
      });
      return flushing;
    },
    async adopt(existingIds) {
      const rows = await database.query<DynoRow>("select * from dynos where state in ('starting', 'up', 'stopping')");
      for (const row of rows) {
        if (known.has(row.id)) continue;
        const record = presentRecord(row);
        if (existingIds.has(row.id)) known.set(row.id, record);
        else records.set({ ...record, state: "complete", exitReason: "lost: its container was gone" });
      }
      await database.query(
        "delete from dynos where state in ('complete', 'crashed') and updated_at < now() - interval '7 days'",
      );
    },
  };
  return records;
}

const upsertSql = `
insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, address, port, exit_status, exit_reason, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update set state = excluded.state, address = excluded.address, port = excluded.port,
  exit_status = excluded.exit_status, exit_reason = excluded.exit_reason, updated_at = now()
where dynos.state not in ('complete', 'crashed')`;

type DynoRow = {
  id: string;
  app_id: string;
  release_id: string;
  release_version: number;
  name: string;
  type: string;
  command: string;
  size: string;
  state: DynoRecord["state"];
  address: string | null;
  port: number | null;
  created_at: Date;
};

function presentRecord(row: DynoRow): DynoRecord {
  return {
    id: row.id,
    appId: row.app_id,
    releaseId: row.release_id,
    releaseVersion: row.release_version,
    name: row.name,
    type: row.type,
    command: row.command,
    size: row.size,
    state: row.state,
    address: row.address ?? undefined,
    port: row.port ?? undefined,
    createdAt: row.created_at,
  };
}
