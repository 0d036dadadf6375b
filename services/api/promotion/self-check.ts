import { randomUUID } from "node:crypto";
import type { Queries } from "../../kernel/postgres.ts";
import { freeName } from "../builds/one-off-name.ts";
import type { Rollout } from "../releases/rollout.ts";

/**
 * The part that has no standing dynos: that its new code works is seen only by running it. Unseen, a compiler that cannot start would
 * be promoted, and with it would go the only way to build the commit that mends it.
 */
export const checkedApp = "compiler";

const timeLimitSeconds = 60;

/** What became of a self-check. */
export interface CheckFacts {
  /** Whether there is anything to run: false when the new slug has no such process type. */
  readonly isWanted: boolean;
  /** Its dyno, once the runtime has made it. */
  readonly dyno:
    | { readonly state: string; readonly exitStatus: number | null; readonly exitReason: string | null }
    | undefined;
}

/** Only an end with status 0 and nothing to say about it is success. */
export function rolloutOfCheck({ isWanted, dyno }: CheckFacts): Rollout {
  if (!isWanted) return failed(`the slug has no process type ${checkedApp}`);
  if (dyno === undefined) return { status: "pending", message: "Its self-check has not begun" };
  const { state, exitStatus, exitReason } = dyno;
  if (state === "complete" && exitStatus === 0 && exitReason === null) {
    return { status: "up", message: "Its self-check succeeded" };
  }
  if (state === "complete" || state === "crashed") {
    return failed(exitReason ?? (exitStatus === null ? "it ended without a status" : `exit status ${exitStatus}`));
  }
  return { status: "pending", message: "Its self-check runs" };
}

function failed(reason: string): Rollout {
  return { status: "crashed", message: `its self-check failed: ${reason}` };
}

/**
 * Wants one run of the new release's self-check, in the transaction that makes the release and holds the app's row.
 * @returns the id of the one-off; of none when the slug has no process type to run, which {@link readCheck} finds out again.
 */
export async function startCheck(queries: Queries, releaseId: string): Promise<string> {
  const [release] = await queries.query<{ app_id: string; command: string | null }>(
    `select r.app_id, s.process_types ->> $2 as command from releases r join slugs s on s.id = r.slug_id where r.id = $1`,
    [releaseId, checkedApp],
  );
  const id = randomUUID();
  if (release === undefined || release.command === null) return id;
  await queries.query(
    `insert into one_offs (id, app_id, release_id, name, type, command, size, log_channel, time_limit_seconds)
     values ($1, $2, $3, $4, $5, $6, 'build', $7, $8)`,
    [
      id,
      release.app_id,
      releaseId,
      await freeName(queries, release.app_id),
      checkedApp,
      `${release.command} --self-check`,
      `app:${release.app_id}`,
      timeLimitSeconds,
    ],
  );
  return id;
}

export async function readCheck(queries: Queries, checkId: string): Promise<CheckFacts> {
  const [row] = await queries.query<{ state: string | null; exit_status: number | null; exit_reason: string | null }>(
    "select d.state, d.exit_status, d.exit_reason from one_offs o left join dynos d on d.id = o.id where o.id = $1",
    [checkId],
  );
  if (row === undefined) return { isWanted: false, dyno: undefined };
  if (row.state === null) return { isWanted: true, dyno: undefined };
  return { isWanted: true, dyno: { state: row.state, exitStatus: row.exit_status, exitReason: row.exit_reason } };
}

/** A check that nobody waits for any more need not begin, nor go on. */
export async function stopCheck(queries: Queries, checkId: string): Promise<void> {
  await queries.query("update one_offs set stop_requested_at = now() where id = $1 and stop_requested_at is null", [
    checkId,
  ]);
}
