import { readdir } from "node:fs/promises";
import { migrate as runMigrations } from "../../kernel/postgres.ts";
import { databaseName } from "../addresses.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";

/** The tables of desired and actual state. */
export const migrate: Kind<World, Record<never, never>> = {
  async check(world) {
    const files = (await readdir(new URL("../../kernel/migrations/", import.meta.url))).filter((name) =>
      name.endsWith(".sql"),
    );
    const { postgresPassword } = await world.secrets();
    return world.withDatabase("postgres", postgresPassword, databaseName, async (database) => {
      const [table] = await database.query("select to_regclass('migrations') is not null as there");
      if (table?.there !== true) return missing("no tables");
      const rows = await database.query<{ name: string }>("select name from migrations");
      const ran = new Set(rows.map((row) => row.name));
      const waiting = files.filter((file) => !ran.has(file));
      return waiting.length === 0 ? done(`${files.length} migrations`) : missing(`${waiting.join(", ")} not run`);
    });
  },
  async act(world) {
    const { postgresPassword } = await world.secrets();
    await world.withDatabase("postgres", postgresPassword, databaseName, (database) => runMigrations(database));
  },
};
