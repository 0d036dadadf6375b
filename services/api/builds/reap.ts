import type { Parts } from "../parts.ts";
import { failBuild } from "./end.ts";
import { type PendingBuild, planReaping } from "./plan.ts";

/** One turn of the loop `reap builds`. @returns how many were given up. */
export async function reapBuilds({ database, lines, logger }: Parts, nowMs: number): Promise<number> {
  const rows = await database.query<{
    id: string;
    app_id: string;
    created_at: Date;
    time_limit_seconds: number | null;
    state: string | null;
    exit_reason: string | null;
  }>(
    `select b.id, b.app_id, b.created_at, o.time_limit_seconds, d.state, d.exit_reason
     from builds b left join one_offs o on o.id = b.one_off_id left join dynos d on d.id = o.id
     where b.status = 'pending' order by b.created_at limit 1000`,
  );
  const pending = rows.map(
    (row): PendingBuild => ({
      id: row.id,
      createdAtMs: row.created_at.getTime(),
      timeLimitSeconds: row.time_limit_seconds ?? 0,
      dyno: row.state === null ? undefined : { state: row.state, exitReason: row.exit_reason },
    }),
  );
  let reaped = 0;
  for (const { id, message, because } of planReaping(pending, nowMs)) {
    if (!(await database.transaction((queries) => failBuild(queries, id, message)))) continue;
    reaped++;
    const appId = rows.find((row) => row.id === id)?.app_id ?? "";
    lines.say(appId, `Build failed: ${message}`);
    lines.endBuild(id);
    logger.warn("Build given up", { build: id, because, message });
  }
  return reaped;
}
