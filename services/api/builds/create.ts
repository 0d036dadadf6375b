import { randomBytes, randomUUID } from "node:crypto";
import { json, type Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { sealAll } from "../../kernel/seal.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import { hashToken } from "../../kernel/token.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "../apps/app.ts";
import { lockApp } from "../apps/store.ts";
import { listBuildpacks } from "../buildpacks/store.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { requireNoPromotion } from "../promotion/start.ts";
import { type Build, findBuild } from "./build.ts";
import { freeName } from "./one-off-name.ts";
import { resolveSource } from "./source.ts";

export interface NewBuild {
  readonly url: string;
  readonly version: string | null;
  readonly checksum: string | null;
  /** Undefined: those installed on the app. */
  readonly buildpacks: readonly string[] | undefined;
}

/**
 * A build and the one-off dyno of the compiler that does it, both or neither.
 * @throws Problem conflict while another build of the app is under way, service_unavailable when the platform has its number of them.
 */
export async function createBuild(parts: Parts, account: Account, app: App, wanted: NewBuild): Promise<Build> {
  const source = await resolveSource(parts, wanted);
  const build = await parts.database.transaction(async (queries) => {
    await lockApp(queries, app.id);
    await requireNoBuild(queries, app);
    if (app.name === platformAppName) await requireNoPromotion(queries);
    const compiler = await lockCompiler(queries);
    await requireRoom(queries);
    const id = randomUUID();
    const token = randomBytes(32).toString("base64url");
    const oneOffId = randomUUID();
    const env = { BUILD_URL: `${parts.settings.insideUrl}/_build/${id}`, BUILD_TOKEN: token };
    await queries.query(
      `insert into one_offs (id, app_id, release_id, name, type, command, size, env, build_layers, cache_layer, log_channel, time_limit_seconds)
       select $1, $2, $3, $4, 'compiler', $5, 'build', $6,
         coalesce((select deps from build_caches where app_id = $7), '[]'), (select cache_layer from build_caches where app_id = $7), $8, $9`,
      [
        oneOffId,
        compiler.appId,
        compiler.releaseId,
        await freeName(queries, compiler.appId),
        compiler.command,
        json(sealAll(parts.seal, env)),
        app.id,
        `build:${id}`,
        parts.settings.buildTimeLimitSeconds,
      ],
    );
    const buildpacks = wanted.buildpacks ?? (await listBuildpacks(queries, app.id)).map(({ url }) => url);
    await queries.query(
      `insert into builds (id, app_id, account_id, one_off_id, source_digest, source_url, source_version, buildpacks, token_hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        app.id,
        account.id,
        oneOffId,
        source.digest,
        source.url,
        wanted.version,
        json(buildpacks),
        hashToken(parts.settings.tokenKey, token),
      ],
    );
    return findBuild(queries, app.id, id);
  });
  parts.lines.say(app.id, `Build started by user ${account.email}`);
  return build;
}

async function requireNoBuild(queries: Queries, app: App): Promise<void> {
  const pending = await queries.query("select id from builds where app_id = $1 and status = 'pending'", [app.id]);
  if (pending.length === 0) return;
  throw new Problem(
    "conflict",
    `Cannot build ${app.name}: another build of it is under way. Wait for it, or cancel it.`,
  );
}

/** The compiler's row is held, so that builds of all apps are counted one after the other. */
async function lockCompiler(queries: Queries): Promise<{ appId: string; releaseId: string; command: string }> {
  const [compiler] = await queries.query<{ id: string }>(
    "select id from apps where name = 'compiler' and system for update",
  );
  const [release] = await queries.query<{ id: string; command: string | null }>(
    `select r.id, s.process_types ->> 'compiler' as command from releases r join slugs s on s.id = r.slug_id
     where r.app_id = $1 and r.status = 'succeeded' order by r.version desc limit 1`,
    [compiler?.id ?? null],
  );
  if (compiler === undefined || release === undefined || release.command === null) {
    throw new Problem("service_unavailable", "Cannot build: the platform's compiler is not installed yet.");
  }
  return { appId: compiler.id, releaseId: release.id, command: release.command };
}

async function requireRoom(queries: Queries): Promise<void> {
  const [count] = await queries.query("select count(*) as builds from builds where status = 'pending'");
  if (Number(count?.builds) < limits.pendingBuilds) return;
  throw new Problem(
    "service_unavailable",
    `Cannot build now: ${limits.pendingBuilds} builds are under way, which is the platform's limit. Try again in a minute.`,
  );
}
