import { type Database, json, type Row } from "../../kernel/postgres.ts";
import { type Intent, isPacks, type Pack, type Pending, parsePending, presentIntent } from "./pending.ts";
import type { Refs } from "./refs.ts";

/** A repository as it is: everything the refs reach lies in the packs. */
export interface Stored {
  readonly refs: Refs;
  readonly packs: readonly Pack[];
  /** Counts the changes; 0 is a repository nobody has pushed to. */
  readonly generation: number;
  /** A push whose build is under way, or was when its git service died. */
  readonly pending: Pending | undefined;
}

export interface Store {
  load(appId: string): Promise<Stored>;
  /**
   * Writes refs and packs, and that no push is pending, if nobody has written since `generation` was read.
   * @returns the new generation, or undefined when somebody has.
   */
  swap(appId: string, generation: number, refs: Refs, packs: readonly Pack[]): Promise<number | undefined>;
  /** Writes that a push is pending, on the same condition and with the same answer. */
  open(appId: string, generation: number, intent: Intent): Promise<number | undefined>;
  /** Notes the build of a pending push. @returns false when that push is not pending any more. */
  note(appId: string, push: string, buildId: string): Promise<boolean>;
  /** Forgets a pending push; no matter if it is not pending any more. */
  close(appId: string, push: string): Promise<void>;
  /** Removes the rows of apps that are gone. @returns how many. */
  sweep(): Promise<number>;
}

export function createStore(database: Database): Store {
  return {
    async load(appId) {
      const [row] = await database.query(
        `select refs, packs, generation, pending,
           extract(epoch from now() - (pending ->> 'at')::timestamptz)::float8 * 1000 as pending_age_ms
         from repositories where app_id = $1`,
        [appId],
      );
      return row === undefined ? { refs: {}, packs: [], generation: 0, pending: undefined } : parseStored(row);
    },
    async swap(appId, generation, refs, packs) {
      const values = [appId, json(refs), json(packs), generation];
      const changed = await database.query<{ generation: number }>(
        generation === 0
          ? `insert into repositories (app_id, refs, packs, generation) values ($1, $2, $3, $4::bigint + 1)
             on conflict (app_id) do nothing returning generation`
          : `update repositories set refs = $2, packs = $3, pending = null, generation = generation + 1, updated_at = now()
             where app_id = $1 and generation = $4 returning generation`,
        values,
      );
      return changed[0]?.generation;
    },
    async open(appId, generation, intent) {
      const pending = "$2::jsonb || jsonb_build_object('at', now())";
      const changed = await database.query<{ generation: number }>(
        generation === 0
          ? `insert into repositories (app_id, pending, generation) values ($1, ${pending}, $3::bigint + 1)
             on conflict (app_id) do nothing returning generation`
          : `update repositories set pending = ${pending}, generation = generation + 1, updated_at = now()
             where app_id = $1 and generation = $3 and pending is null returning generation`,
        [appId, json(presentIntent(intent)), generation],
      );
      return changed[0]?.generation;
    },
    async note(appId, push, buildId) {
      const changed = await database.query(
        `update repositories set pending = pending || jsonb_build_object('build_id', $3::text), updated_at = now()
         where app_id = $1 and pending ->> 'push' = $2 returning app_id`,
        [appId, push, buildId],
      );
      return changed.length > 0;
    },
    async close(appId, push) {
      await database.query(
        `update repositories set pending = null, generation = generation + 1, updated_at = now()
         where app_id = $1 and pending ->> 'push' = $2`,
        [appId, push],
      );
    },
    async sweep() {
      const gone = await database.query(
        "delete from repositories r where not exists (select 1 from apps a where a.id = r.app_id) returning app_id",
      );
      return gone.length;
    },
  };
}

/** Only this service writes the table, so a row of another shape is a bug. */
function parseStored(row: Row): Stored {
  const { refs, packs, generation } = row;
  const isRefs = (value: unknown): value is Refs =>
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((sha) => /^[0-9a-f]{40}$/.test(String(sha)));
  if (!isRefs(refs) || !isPacks(packs) || typeof generation !== "number")
    throw new Error("Bug: a row of repositories has an unknown shape");
  return { refs, packs, generation, pending: parsePending(row) };
}
