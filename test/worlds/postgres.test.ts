import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase, sqlState } from "../../services/kernel/postgres.ts";
import { type PostgresWorld, startPostgres } from "./postgres.ts";

let postgres: PostgresWorld;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test("each migrated database is empty and alone, and a role may do what the migration grants it and no more", async () => {
  const [one, two] = [await postgres.migratedDatabase(), await postgres.migratedDatabase()];
  const git = connectDatabase(one.as("git"), { connectionsMax: 1 });
  await git.query("insert into repositories (app_id) values ('11111111-1111-4111-8111-111111111111')");
  const denied = await git.query("select * from tokens").catch(sqlState);
  expect(denied).toBe("42501");
  const other = connectDatabase(two.as("git"), { connectionsMax: 1 });
  expect(await other.query("select * from repositories")).toEqual([]);
  await git.close();
  await other.close();
});
