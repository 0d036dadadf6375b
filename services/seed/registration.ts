import { addresses, type Platform, ports } from "../kernel/platform.ts";
import { json, type Queries } from "../kernel/postgres.ts";
import { type Seal, sealAll } from "../kernel/seal.ts";
import { platformAppName } from "../kernel/system-apps.ts";
import { hashToken } from "../kernel/token.ts";
import { type BootApp, type Bootstrap, bootApp, bootDescription } from "./bootstrap.ts";
import { idFor, type Secrets } from "./secrets.ts";

/** Writes the first rows, in the caller's transaction; rows that are there already stay as they are. */
export async function registerAll(
  queries: Queries,
  platform: Platform,
  bootstrap: Bootstrap,
  secrets: Secrets,
  seal: Seal,
): Promise<void> {
  const { accountId, createdAt, slug } = bootstrap;
  await queries.query(
    "insert into accounts (id, email, name, created_at) values ($1, $2, 'Owner', $3) on conflict do nothing",
    [accountId, bootstrap.ownerEmail, createdAt],
  );
  for (const app of bootstrap.apps) {
    await queries.query(
      `insert into apps (id, name, system, owner_id, created_at, released_at) values ($1, $2, true, $3, $4, $4) on conflict do nothing`,
      [app.id, app.name, accountId, createdAt],
    );
  }
  await queries.query(
    `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, buildpack, bytes, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'Node.js', $8, $9) on conflict do nothing`,
    [
      bootstrap.slugId,
      bootApp(bootstrap, platformAppName).id,
      bootstrap.manifest.digest,
      json(slug.layers),
      json(slug.processTypes),
      slug.stack,
      slug.commit,
      bootstrap.slugBytes,
      createdAt,
    ],
  );
  for (const app of bootstrap.apps) await registerRelease(queries, bootstrap, app, seal);
  await registerDynos(queries, platform, bootstrap, secrets);
  // Last: who finds the token finds all of the above.
  await queries.query(
    "insert into tokens (id, account_id, hash, description, created_at) values ($1, $2, $3, 'Owner', $4) on conflict do nothing",
    [bootstrap.tokenId, accountId, hashToken(secrets.tokenKey, secrets.apiToken), createdAt],
  );
}

async function registerRelease(queries: Queries, bootstrap: Bootstrap, app: BootApp, seal: Seal): Promise<void> {
  const sealed = sealAll(seal, app.config);
  for (const [name, value] of Object.entries(sealed)) {
    await queries.query("insert into config_vars (app_id, name, sealed) values ($1, $2, $3) on conflict do nothing", [
      app.id,
      name,
      value,
    ]);
  }
  await queries.query(
    `insert into releases (id, app_id, version, slug_id, account_id, description, status, config, created_at)
     values ($1, $2, 1, $3, $4, $5, 'succeeded', $6, $7) on conflict do nothing`,
    [app.releaseId, app.id, bootstrap.slugId, bootstrap.accountId, bootDescription, json(sealed), bootstrap.createdAt],
  );
  for (const row of app.formation) {
    await queries.query(
      "insert into formations (id, app_id, type, quantity, size, created_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
      [row.id, app.id, row.type, row.quantity, row.size, bootstrap.createdAt],
    );
  }
}

/** The dynos that run already, under the ids that their containers carry. */
async function registerDynos(
  queries: Queries,
  platform: Platform,
  bootstrap: Bootstrap,
  secrets: Secrets,
): Promise<void> {
  const running = [
    { name: "postgres", address: addresses.postgres(platform.subnetPrefix), port: ports.postgres },
    { name: "registry", address: addresses.registry(platform.subnetPrefix), port: ports.registry },
  ];
  for (const { name, address, port } of running) {
    const app = bootApp(bootstrap, name);
    await queries.query(
      `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, address, port, created_at)
       values ($1, $2, $3, 1, $4, $5, $6, 'system', 'up', $7, $8, $9) on conflict do nothing`,
      [
        idFor(secrets, `dyno/${name}.1`),
        app.id,
        app.releaseId,
        `${name}.1`,
        name,
        bootstrap.slug.processTypes[name] ?? "",
        address,
        port,
        bootstrap.createdAt,
      ],
    );
  }
}
