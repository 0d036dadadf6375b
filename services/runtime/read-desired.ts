import { readFile, rename } from "node:fs/promises";
import type { DesiredApp, DesiredOneOff, DesiredRelease, DesiredState } from "../kernel/desired.ts";
import { dataPaths } from "../kernel/platform.ts";
import type { Queries } from "../kernel/postgres.ts";
import type { Layer } from "../kernel/slug.ts";
import { writeDurably } from "../kernel/write-durably.ts";

/** Reads all of desired state, as one value. */
export async function readDesired(database: Queries): Promise<DesiredState> {
  const [apps, oneOffs] = await Promise.all([
    database.query<{ app: DesiredApp & { release: DesiredRelease | null } }>(appsSql),
    database.query<OneOffRow>(oneOffsSql),
  ]);
  return {
    apps: apps.map(({ app }) => ({ ...app, release: app.release ?? undefined })),
    oneOffs: oneOffs.map(presentOneOff),
  };
}

const releaseJson = `jsonb_build_object('id', r.id, 'version', r.version, 'createdAt', r.created_at, 'description', r.description,
  'commit', s.commit, 'layers', s.layers, 'processTypes', s.process_types, 'config', r.config)`;

const appsSql = `
select jsonb_build_object('id', a.id, 'name', a.name, 'system', a.system,
  'release', (select ${releaseJson} from releases r join slugs s on s.id = r.slug_id
              where r.app_id = a.id and r.status = 'succeeded' order by r.version desc limit 1),
  'formation', coalesce((select jsonb_agg(jsonb_build_object('type', f.type, 'quantity', f.quantity, 'size', f.size) order by f.type)
                from formations f where f.app_id = a.id), '[]'),
  'restarts', coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('type', x.type, 'name', x.name, 'requestedAt', x.requested_at)) order by x.id)
                from restarts x where x.app_id = a.id), '[]')) as app
from apps a order by a.system desc, a.name`;

/** Those that have not ended; the record of a dyno that ended is its row in dynos. */
const oneOffsSql = `
select o.*, a.name as app_name, b.app_id as build_app_id, d.id is not null as started, ${releaseJson} as release
from one_offs o join apps a on a.id = o.app_id join releases r on r.id = o.release_id join slugs s on s.id = r.slug_id
left join builds b on b.one_off_id = o.id
left join dynos d on d.id = o.id
where (d.id is null or d.state not in ('complete', 'crashed')) and (b.id is null or b.status = 'pending' or d.id is not null)
order by o.created_at limit 500`;

type OneOffRow = {
  id: string;
  app_id: string;
  app_name: string;
  name: string;
  type: string;
  command: string;
  size: string;
  env: Record<string, string>;
  build_layers: Layer[];
  cache_layer: Layer | null;
  build_app_id: string | null;
  log_channel: string;
  time_limit_seconds: number;
  stop_requested_at: Date | null;
  started: boolean;
  release: DesiredRelease;
};

function presentOneOff(row: OneOffRow): DesiredOneOff {
  return {
    id: row.id,
    appId: row.app_id,
    appName: row.app_name,
    name: row.name,
    type: row.type,
    command: row.command,
    size: row.size,
    release: row.release,
    env: row.env,
    buildLayers: row.build_layers,
    cacheLayer: row.cache_layer ?? undefined,
    buildAppId: row.build_app_id ?? undefined,
    logChannel: row.log_channel,
    timeLimitSeconds: row.time_limit_seconds,
    stopRequested: row.stop_requested_at !== null,
    started: row.started,
  };
}

function cachePath(dataDir: string): string {
  return `${dataPaths.runtime(dataDir)}/desired.json`;
}

/**
 * The state last saved, or the one before it when that cannot be read, or undefined. One-offs are not taken from it: whether they
 * ran only the database knows.
 */
export async function loadDesired(dataDir: string): Promise<DesiredState | undefined> {
  for (const path of [cachePath(dataDir), `${cachePath(dataDir)}.old`]) {
    try {
      const { apps } = JSON.parse(await readFile(path, "utf8")) as DesiredState;
      if (Array.isArray(apps)) return { apps, oneOffs: [], isFromCache: true };
    } catch {
      // Not there, or damaged: the next one is as good, or the database will tell.
    }
  }
  return undefined;
}

/** Replaces the saved state and keeps the former one beside it. */
export async function saveDesired(dataDir: string, desired: DesiredState): Promise<void> {
  const path = cachePath(dataDir);
  await rename(path, `${path}.old`).catch(() => {});
  await writeDurably(path, JSON.stringify({ ...desired, oneOffs: [] }), 0o600);
}
