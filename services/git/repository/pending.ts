import type { Row } from "../../kernel/postgres.ts";
import { isDigest } from "../../kernel/slug.ts";
import type { RefCommand } from "./refs.ts";

/** A blob of the registry's repository `packs/<app id>`. */
export interface Pack {
  readonly digest: string;
  readonly bytes: number;
}

/** What is written of a push before its build is asked for: enough for any git service to finish it. */
export interface Intent {
  /** Which push it is: no two have the same. */
  readonly push: string;
  /** What is built. */
  readonly commit: string;
  readonly commands: readonly RefCommand[];
  /** All packs of the repository as it is after the push; they lie in the registry already. */
  readonly packs: readonly Pack[];
}

/** A push whose build had not been seen to end when the row was written. */
export interface Pending extends Intent {
  /** When it was written, and how long ago that is: by the database's clock, which builds are dated by as well. */
  readonly at: Date;
  readonly ageMs: number;
  /** Undefined until the API has answered. */
  readonly buildId: string | undefined;
}

/** The column as it is written; `at` and `build_id` are added by the database. */
export function presentIntent({ push, commit, commands, packs }: Intent): unknown {
  return { push, commit, refs: commands, packs };
}

/** @returns undefined for a row without one. Only this service writes the table, so another shape is a bug. */
export function parsePending({ pending, pending_age_ms: ageMs }: Row): Pending | undefined {
  if (pending === null || pending === undefined) return undefined;
  const { push, commit, refs, packs, at, build_id: buildId } = pending as Record<string, unknown>;
  if (
    typeof push !== "string" ||
    typeof commit !== "string" ||
    typeof at !== "string" ||
    !isCommands(refs) ||
    !isPacks(packs) ||
    !Number.isFinite(Number(ageMs)) ||
    (buildId !== undefined && typeof buildId !== "string")
  )
    throw new Error("Bug: a pending push in repositories has an unknown shape");
  return { push, commit, commands: refs, packs, at: new Date(at), ageMs: Number(ageMs), buildId };
}

export function isPacks(value: unknown): value is Pack[] {
  return Array.isArray(value) && value.every((pack) => isDigest(String(pack?.digest)) && Number.isInteger(pack?.bytes));
}

function isCommands(value: unknown): value is RefCommand[] {
  const isSha = (sha: unknown) => /^[0-9a-f]{40}$/.test(String(sha));
  return (
    Array.isArray(value) &&
    value.every((one) => typeof one?.ref === "string" && isSha(one?.before) && isSha(one?.after))
  );
}
