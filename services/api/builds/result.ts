import { randomUUID } from "node:crypto";
import { z } from "zod";
import { json, type Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { digestOf, isDigest, slugManifest } from "../../kernel/slug.ts";
import { platformAppName, systemApps } from "../../kernel/system-apps.ts";
import { lockApp } from "../apps/store.ts";
import type { Links } from "../http/links.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { sayRelease } from "../releases/lines.ts";
import { deployDescription, releaseSlug } from "../releases/roll-back.ts";
import { blobRepository } from "./blobs.ts";
import type { Build } from "./build.ts";
import { failBuild, failureMessage } from "./end.ts";

const digest = z.string().refine(isDigest, "must be a sha256 digest");
const bytes = z.number().int().min(1);
const processType = z.string().regex(/^[A-Za-z0-9_-]{1,63}$/, "is not a process type");

/** What the compiler hands in, once. Notes are for the log. */
export const result = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("succeeded"),
    layers: z
      .array(z.object({ digest, bytes, kind: z.enum(["deps", "app"]) }))
      .min(1)
      .max(16),
    cache: z.object({ digest, bytes }).nullish(),
    process_types: z
      .record(processType, z.string().min(1).max(65_536))
      .refine((types) => Object.keys(types).length <= 100, "are over 100"),
    buildpack: z.string().max(200).nullish(),
    notes: z.array(z.string()).max(100).nullish(),
  }),
  z.object({ status: z.literal("failed"), message: z.string().max(100_000) }),
]);

type Result = z.infer<typeof result>;
type Succeeded = Extract<Result, { status: "succeeded" }>;

/** @throws Problem conflict when the build was over, invalid_params (and the build failed) for a slug that cannot be. */
export async function acceptResult(
  parts: Parts,
  build: Build,
  handed: Result,
  links: Links,
): Promise<Record<string, unknown>> {
  if (handed.status === "failed") {
    await endAsFailed(parts, build, handed.message);
    return {};
  }
  parts.logger.info("Build handed in", { build: build.id, notes: failureMessage(handed.notes?.join("; ") ?? "-") });
  const appName = await nameOfApp(parts, build.appId);
  const refusal = await refusalOf(parts, build, appName, handed);
  if (refusal !== undefined) {
    await endAsFailed(parts, build, refusal);
    throw new Problem("invalid_params", refusal);
  }
  const content = { stack: build.stack, layers: handed.layers, processTypes: handed.process_types };
  const slug = { id: randomUUID(), ...slugManifest(content) };
  const repository = blobRepository("slug", build.appId);
  await parts.registry.putBlob(repository, digestOf(slug.config), slug.config.length, Buffer.from(slug.config));
  await parts.registry.putManifest(repository, slug.id, slug.manifest);

  const description = deployDescription(build.sourceVersion);
  const app = { id: build.appId, name: appName };
  const release = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    const pending = await queries.query("select id from builds where id = $1 and status = 'pending' for update", [
      build.id,
    ]);
    if (pending.length === 0) throw new Problem("conflict", "This build is over.");
    await insertSlug(queries, build, slug.id, slug.digest, handed);
    const release = await releaseSlug(queries, build.account, app, slug.id, description);
    await queries.query(
      "update builds set status = 'succeeded', slug_id = $2, release_id = $3, updated_at = now() where id = $1",
      [build.id, slug.id, release.id],
    );
    await keepCaches(queries, build.appId, handed);
    return release;
  });
  sayRelease(parts.lines, app, release, description, build.account.email);
  parts.lines.say(app.id, "Build succeeded");
  // Whoever watches for a promotion looks now.
  parts.actual.ring();
  return { version: release.version, web_url: links.app(appName), promotion: appName === platformAppName };
}

async function endAsFailed({ database, lines }: Parts, build: Build, message: string): Promise<void> {
  const isEnded = await database.transaction((queries) => failBuild(queries, build.id, message));
  if (!isEnded) throw new Problem("conflict", "This build is over.");
  lines.say(build.appId, "Build failed -- check your build output");
}

async function nameOfApp({ database }: Parts, appId: string): Promise<string> {
  const [app] = await database.query<{ name: string }>("select name from apps where id = $1", [appId]);
  if (app === undefined) throw new Problem("not_found", "Couldn't find that app.", { resource: "app" });
  return app.name;
}

/** Why the slug cannot be released: what it says of its layers is not believed but looked up. */
async function refusalOf(
  { registry }: Parts,
  build: Build,
  appName: string,
  handed: Succeeded,
): Promise<string | undefined> {
  const total = slugBytes(handed);
  if (total > limits.slugBytes) {
    return `The slug has ${Math.ceil(total / 1024 ** 2)} MB, ${limits.slugBytes / 1024 ** 2} MB is the limit`;
  }
  const blobs = [
    ...handed.layers.map((layer) => ({ ...layer, repository: blobRepository("slug", build.appId) })),
    ...(handed.cache ? [{ ...handed.cache, repository: blobRepository("cache", build.appId) }] : []),
  ];
  for (const blob of blobs) {
    const stored = await registry.blobBytes(blob.repository, blob.digest);
    if (stored !== blob.bytes) return `The layer ${blob.digest} was not stored with ${blob.bytes} bytes`;
  }
  if (appName !== platformAppName) return undefined;
  const missing = systemApps.filter(({ name }) => !Object.hasOwn(handed.process_types, name)).map(({ name }) => name);
  return missing.length === 0
    ? undefined
    : `The platform's Procfile lacks ${missing.join(", ")}: every part needs its line`;
}

function slugBytes(handed: Succeeded): number {
  return handed.layers.reduce((sum, layer) => sum + layer.bytes, 0);
}

async function insertSlug(
  queries: Queries,
  build: Build,
  id: string,
  manifestDigest: string,
  handed: Succeeded,
): Promise<void> {
  await queries.query(
    `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, buildpack, bytes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      id,
      build.appId,
      manifestDigest,
      json(handed.layers),
      json(handed.process_types),
      build.stack,
      build.sourceVersion,
      handed.buildpack ?? null,
      slugBytes(handed),
    ],
  );
}

/** What the next build of the app starts with. Each image names its repository, since the dyno that gets it belongs to another app. */
async function keepCaches(queries: Queries, appId: string, handed: Succeeded): Promise<void> {
  const deps = handed.layers
    .filter(({ kind }) => kind === "deps")
    .map((layer) => ({ ...layer, repository: blobRepository("slug", appId) }));
  const cache = handed.cache ? { ...handed.cache, repository: blobRepository("cache", appId) } : null;
  await queries.query(
    `insert into build_caches (app_id, deps, cache_layer) values ($1, $2, $3)
     on conflict (app_id) do update set deps = excluded.deps, cache_layer = excluded.cache_layer, updated_at = now()`,
    [appId, json(deps), cache === null ? null : json(cache)],
  );
}
