import { randomInt } from "node:crypto";
import type { Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";

/** `build.4821`, a name that no dyno of the compiler has; the caller holds the compiler's row. @throws Problem service_unavailable. */
export async function freeName(queries: Queries, compilerId: string): Promise<string> {
  const rows = await queries.query<{ name: string }>(
    "select name from one_offs where app_id = $1 union select name from dynos where app_id = $1",
    [compilerId],
  );
  const taken = new Set(rows.map(({ name }) => name));
  for (let attempt = 0; attempt < 1000; attempt++) {
    const name = `build.${randomInt(1000, 10_000)}`;
    if (!taken.has(name)) return name;
  }
  throw new Problem("service_unavailable", "Cannot build now: too many build dynos are remembered. Try again later.");
}
