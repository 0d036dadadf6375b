import type { Logger } from "../kernel/log.ts";
import type { Database } from "../kernel/postgres.ts";
import { sentence } from "../kernel/problem.ts";
import { parseRouteRow, type RouteRow } from "./route-row.ts";
import type { RouteSource } from "./route-source.ts";

/** Wake-ups can be lost; the routes are read again after so long anyway. */
const rereadMs = 5_000;

/** The routes in the platform's database. While it is away the last reading stays in force. */
export function postgresRoutes(database: Database, log: Logger): RouteSource {
  return {
    follow(apply, signal) {
      let isReading = false;
      let isStale = false;
      let isAway = false;
      const read = async (): Promise<void> => {
        isStale = true;
        if (isReading) return;
        isReading = true;
        while (isStale && !signal.aborted) {
          isStale = false;
          try {
            const rows = await readRoutes(database);
            if (isAway) log.info("The database answers again, routes are fresh");
            isAway = false;
            if (!signal.aborted) apply(rows);
          } catch (error) {
            if (!isAway) log.warn("Cannot read the routes, the last ones stay in force", { reason: sentence(error) });
            isAway = true;
          }
        }
        isReading = false;
      };
      const look = () => void read();
      database.listen("desired", look, signal);
      database.listen("actual", look, signal);
      const timer = setInterval(look, rereadMs);
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
      look();
    },
  };
}

async function readRoutes(database: Database): Promise<RouteRow[]> {
  const rows = await database.query(
    "select app_id, name, system, maintenance, deployed, quantity, hostnames, dynos from routes order by name",
  );
  return rows.map(parseRouteRow);
}
