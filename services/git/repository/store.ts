import { type Database, json, type Row } from "../../kernel/postgres.ts";
import { isDigest } from "../../kernel/slug.ts";
import type { Refs } from "./refs.ts";

/** A repository as it is: everything the refs reach lies in the packs. */
export interface Stored {
  readonly refs: Refs;
  readonly packs: readonly Pack[];
  /** Counts the changes; 0 is a repository nobody has pushed to. */
  readonly generation: number;
}

/** A blob of the registry's repository `packs/<app id>`. */
export interface Pack {
  readonly digest: string;
  readonly bytes: number;
}

export interface Store {
  load(appId: string): Promise<Stored>;
  /** Writes refs and packs if nobody has since `generation` was read. @returns the new generation, or undefined when somebody has. */
  swap(appId: string, generation: number, refs: Refs, packs: readonly Pack[]): Promise<number | undefined>;
  /** Removes the rows of apps that are gone. @returns how many. */
  sweep(): Promise<number>;
}

export function createStore(database: Database): Store {
  return {
    async load(appId) {
      const [row] = await database.query("select refs, packs, generation from repositories where app_id = $1", [appId]);
      return row === undefined ? { refs: {}, packs: [], generation: 0 } : parseStored(row);
    },
    async swap(appId, generation, refs, packs) {
      const values = [appId, json(refs), json(packs), generation];
      const changed = await database.query<{ generation: number }>(
        generation === 0
          ? `insert into repositories (app_id, refs, packs, generation) values ($1, $2, $3, $4::bigint + 1)
             on conflict (app_id) do nothing returning generation`
          : `update repositories set refs = $2, packs = $3, generation = generation + 1, updated_at = now()
             where app_id = $1 and generation = $4 returning generation`,
        values,
      );
      return changed[0]?.generation;
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
function parseStored({ refs, packs, generation }: Row): Stored {
  const isRefs = (value: unknown): value is Refs =>
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((sha) => /^[0-9a-f]{40}$/.test(String(sha)));
  const isPacks = (value: unknown): value is Pack[] =>
    Array.isArray(value) && value.every((pack) => isDigest(String(pack?.digest)) && Number.isInteger(pack?.bytes));
  if (!isRefs(refs) || !isPacks(packs) || typeof generation !== "number")
    throw new Error("Bug: a row of repositories has an unknown shape");
  return { refs, packs, generation };
}
