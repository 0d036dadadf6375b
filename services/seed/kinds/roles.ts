import { randomBytes } from "node:crypto";
import { databaseName } from "../addresses.ts";
import type { DatabaseRole } from "../manifest.ts";
import { done, type Kind, missing } from "../runner.ts";
import { scramVerifier } from "../scram.ts";
import type { World } from "../world.ts";

/** The platform's database, and a role for each service that speaks to it; what a role may do the migrations say. */
export const roles: Kind<World, { readonly roles: readonly DatabaseRole[] }> = {
  async check(world, args) {
    const { rolePasswords } = await world.secrets();
    for (const role of args.roles) {
      const error = await world
        .withDatabase(role, rolePasswords[role], databaseName, (database) => database.query("select 1"))
        .then(
          () => undefined,
          (cause: Error) => cause,
        );
      if (error !== undefined) return missing(`${role} cannot log in`);
    }
    return done(args.roles.join(", "));
  },
  async act(world, args) {
    const { postgresPassword, rolePasswords } = await world.secrets();
    await world.withDatabase("postgres", postgresPassword, "postgres", async (database) => {
      const found = await database.query("select 1 from pg_database where datname = $1", [databaseName]);
      if (found.length === 0) await database.query(`create database ${databaseName}`);
      await database.query(`revoke all on database ${databaseName} from public`);
      for (const role of args.roles) {
        const [existing] = await database.query("select 1 from pg_roles where rolname = $1", [role]);
        if (existing === undefined) await database.query(`create role "${role}" login`);
        const verifier = scramVerifier(rolePasswords[role], randomBytes(16));
        await database.query(
          `alter role "${role}" with login nosuperuser nocreatedb nocreaterole password '${verifier}'`,
        );
        await database.query(`grant connect on database ${databaseName} to "${role}"`);
      }
    });
  },
};
