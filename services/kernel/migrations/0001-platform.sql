-- Desired state and actual state of the platform. One writer a table (the grants at the end say which);
-- a NOTIFY says only that something changed, readers read all of it again.

create table accounts (
  id uuid primary key,
  email text not null unique,
  name text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Only a keyed hash of a token rests here (HMAC-SHA256 with TOKEN_KEY).
create table tokens (
  id uuid primary key,
  account_id uuid not null references accounts,
  hash bytea not null unique,
  description text not null default '',
  scope text[] not null default '{global}',
  created_at timestamptz not null default now(),
  expires_at timestamptz
);

create table apps (
  id uuid primary key,
  name text not null unique,
  system boolean not null default false,
  owner_id uuid not null references accounts,
  stack text not null default 'debian-12',
  maintenance boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  released_at timestamptz
);

-- The config vars an app has now; each release keeps the ones it was made with. Values are sealed (kernel/seal.ts).
create table config_vars (
  app_id uuid not null references apps on delete cascade,
  name text not null,
  sealed text not null,
  primary key (app_id, name)
);

create table buildpack_installations (
  app_id uuid not null references apps on delete cascade,
  ordinal int not null,
  url text not null,
  primary key (app_id, ordinal)
);

create table domains (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  hostname text not null unique,
  created_at timestamptz not null default now()
);

-- layers: [{digest, bytes, kind}], lowest first (kernel/slug.ts); process_types: {type: command}.
create table slugs (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  digest text not null,
  layers jsonb not null,
  process_types jsonb not null,
  stack text not null,
  commit text,
  buildpack text,
  bytes bigint not null,
  created_at timestamptz not null default now()
);

-- config: {name: sealed value}. The current release of an app is its highest version with status 'succeeded'.
create table releases (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  version int not null,
  slug_id uuid references slugs,
  account_id uuid not null references accounts,
  description text not null,
  status text not null default 'succeeded' check (status in ('succeeded', 'pending', 'failed')),
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (app_id, version)
);

create table formations (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  type text not null,
  quantity int not null default 0 check (quantity >= 0),
  size text not null default 'basic',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (app_id, type)
);

-- "Restart these": a dyno older than the newest row that names it (its name, its type, or null for all) is replaced.
create table restarts (
  id bigint generated always as identity primary key,
  app_id uuid not null references apps on delete cascade,
  type text,
  name text,
  requested_at timestamptz not null default clock_timestamp()
);

-- A run wanted exactly once: builds now, `run` and release phase later. Its dyno has the row's id.
-- env: {name: sealed value}, laid over the release's config. build_layers/cache_layer: image files (digests) that the runtime
-- lays under /tmp/build and /tmp/cache. log_channel: where its output goes (docs/architecture.md, logs).
create table one_offs (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  release_id uuid not null references releases,
  name text not null,
  type text not null,
  command text not null,
  size text not null,
  env jsonb not null default '{}',
  build_layers jsonb not null default '[]',
  cache_layer jsonb,
  log_channel text not null,
  time_limit_seconds int not null,
  stop_requested_at timestamptz,
  created_at timestamptz not null default now()
);

create table builds (
  id uuid primary key,
  app_id uuid not null references apps on delete cascade,
  account_id uuid not null references accounts,
  one_off_id uuid references one_offs,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  message text,
  -- sha256 digest of the source tarball in the registry, or null where source_url is elsewhere
  source_digest text,
  source_url text not null,
  source_version text,
  buildpacks jsonb not null default '[]',
  token_hash bytea not null,
  slug_id uuid references slugs,
  release_id uuid references releases,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- What the next build of an app starts with: deps layers of its last slug, and the buildpacks' cache.
create table build_caches (
  app_id uuid primary key references apps on delete cascade,
  deps jsonb not null default '[]',
  cache_layer jsonb,
  updated_at timestamptz not null default now()
);

-- The journal of a self-deploy: which release each component had before, and how far it is.
create table promotions (
  id uuid primary key,
  slug_id uuid not null references slugs,
  account_id uuid not null references accounts,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'undoing', 'failed')),
  -- [{app, from_release, to_release, status: waiting|releasing|up|undone, since}]
  steps jsonb not null,
  message text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Actual state. Written by the runtime alone; a dyno that ended stays for a while as the record of why.
create table dynos (
  id uuid primary key,
  app_id uuid not null,
  release_id uuid not null,
  release_version int not null,
  name text not null,
  type text not null,
  command text not null,
  size text not null,
  -- starting | up | stopping | crashed | complete
  state text not null,
  address text,
  port int,
  exit_status int,
  -- why it ended, in words for people: "out of memory (limit 512 MB)", "time limit of 900 s", "exit status 1"
  exit_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null default now()
);
create index dynos_app on dynos (app_id);

-- Written by git alone. refs: {ref name: sha}; packs: [{digest, bytes}] in the registry; generation: compare-and-swap counter.
-- pending: the push whose build is under way, with all that is needed to finish it should its git service die:
-- {push, commit, at, build_id (once there is one), refs: [{ref, before, after}], packs: those of the row after the push}.
create table repositories (
  app_id uuid primary key,
  refs jsonb not null default '{}',
  packs jsonb not null default '[]',
  pending jsonb,
  generation bigint not null default 0,
  updated_at timestamptz not null default now()
);

-- What the router needs and no more. dynos: [{id, name, address, port, release_version}], those that are up.
-- The routed process type of an app is `web`; of a system app it is its own name.
create view routes as
select a.id as app_id, a.name, a.system, a.maintenance,
  exists (select 1 from releases r where r.app_id = a.id and r.slug_id is not null and r.status = 'succeeded') as deployed,
  coalesce((select quantity from formations f where f.app_id = a.id
            and f.type = case when a.system then a.name else 'web' end), 0) as quantity,
  coalesce((select jsonb_agg(d.hostname order by d.hostname) from domains d where d.app_id = a.id), '[]') as hostnames,
  coalesce((select jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'address', d.address, 'port', d.port,
              'release_version', d.release_version, 'state', d.state) order by d.name, d.created_at)
            from dynos d where d.app_id = a.id and d.type = case when a.system then a.name else 'web' end
              and d.address is not null and d.port is not null
              and d.state in ('up', 'starting', 'crashed')), '[]') as dynos
from apps a;

create function say_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;

do $$
declare t text;
begin
  foreach t in array array['apps','config_vars','domains','releases','formations','restarts','one_offs','builds','promotions'] loop
    execute format('create trigger changed after insert or update or delete on %I for each statement execute function say_changed(''desired'')', t);
  end loop;
  execute 'create trigger changed after insert or update or delete on dynos for each statement execute function say_changed(''actual'')';
end $$;

-- The seed makes the roles (with passwords) before it migrates; here is what each may do.
grant select on all tables in schema public to api, runtime;
grant insert, update, delete on accounts, tokens, apps, config_vars, buildpack_installations, domains, slugs, releases, formations,
  restarts, one_offs, builds, build_caches, promotions to api;
grant usage on all sequences in schema public to api;
grant insert, update, delete on dynos to runtime;
grant select on routes to router;
grant select on apps to git;
grant select, insert, update, delete on repositories to git;
revoke select on tokens, repositories from runtime;
