import type { DesiredApp, DesiredState } from "../kernel/desired.ts";
import type { Dyno } from "../kernel/dyno/dyno.ts";
import { addresses, type Platform, ports } from "../kernel/platform.ts";
import { type Seal, sealAll } from "../kernel/seal.ts";
import { sizeNamed } from "../kernel/sizes.ts";
import { digestOf, type SlugContent, slugManifest } from "../kernel/slug.ts";
import { platformAppName, type SystemApp, systemApps } from "../kernel/system-apps.ts";
import { databaseUrl, registryUrl } from "./addresses.ts";
import { idFor, type Secrets } from "./secrets.ts";

/** Slug A, as stage 0 leaves it at `<data>/runtime/slug-a.json`. */
export interface SlugA extends SlugContent {
  readonly commit: string;
}

/** PEM texts of the platform's own certificate. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** One app of the platform as it is first registered; release v1 of each has this config. */
export interface BootApp {
  readonly id: string;
  readonly name: string;
  readonly releaseId: string;
  readonly config: Readonly<Record<string, string>>;
  readonly formation: readonly {
    readonly id: string;
    readonly type: string;
    readonly quantity: number;
    readonly size: "system";
  }[];
}

/** All that the first start registers: a function of the platform, its secrets and slug A, so that it can be made again at any time. */
export interface Bootstrap {
  readonly accountId: string;
  readonly tokenId: string;
  readonly ownerEmail: string;
  readonly slugId: string;
  readonly slug: SlugA;
  readonly slugBytes: number;
  readonly manifest: ReturnType<typeof slugManifest>;
  /** Repository of the registry that holds the slug. */
  readonly repository: string;
  readonly createdAt: string;
  /** The platform's own apps and the source app `quine`, in the order of boot. */
  readonly apps: readonly BootApp[];
}

export const bootDescription = "Bootstrap";

export function planBootstrap(platform: Platform, secrets: Secrets, certificate: Certificate, slug: SlugA): Bootstrap {
  const id = (what: string) => idFor(secrets, what);
  const app = (name: string, config: Record<string, string>, formation: BootApp["formation"]): BootApp => ({
    id: id(`app/${name}`),
    name,
    releaseId: id(`release/${name}`),
    config,
    formation,
  });
  const manifest = slugManifest(slug);
  return {
    accountId: id("account"),
    tokenId: id("token"),
    ownerEmail: `admin@${platform.domain}`,
    slugId: id(`slug/${manifest.digest}`),
    slug,
    slugBytes: slug.layers.reduce((sum, layer) => sum + layer.bytes, 0),
    manifest,
    repository: `slugs/${id(`app/${platformAppName}`)}`,
    createdAt: secrets.createdAt,
    apps: [
      ...systemApps.map((system) =>
        app(system.name, configVars(system.name, platform, secrets, certificate), [
          { id: id(`formation/${system.name}`), type: system.name, quantity: system.quantity, size: "system" },
        ]),
      ),
      app(platformAppName, publicVars(platform), []),
    ],
  };
}

/** The blobs of the slug's OCI artifact besides its layers. */
export function manifestBlobs(bootstrap: Bootstrap): { config: string; configDigest: string } {
  return { config: bootstrap.manifest.config, configDigest: digestOf(bootstrap.manifest.config) };
}

/** docs/architecture.md, "Environment of the platform's own dynos". Each app gets what stands there and nothing else. */
function configVars(
  name: string,
  platform: Platform,
  secrets: Secrets,
  certificate: Certificate,
): Record<string, string> {
  const ingress = `http://${addresses.ingress(platform.subnetPrefix)}:${ports.ingressHttp}`;
  const database = (role: keyof Secrets["rolePasswords"]) => ({
    DATABASE_URL: databaseUrl(platform, role, secrets.rolePasswords[role]),
  });
  const registry = { REGISTRY_URL: registryUrl(platform) };
  const logs = { LOGS_URL: `${ingress}/_logs`, LOGS_TOKEN: secrets.logsToken };
  const seal = { SEAL_KEY: secrets.sealKey };
  const own: Readonly<Record<string, Record<string, string>>> = {
    postgres: { POSTGRES_PASSWORD: secrets.postgresPassword },
    registry: { REGISTRY_HTTP_SECRET: secrets.registryHttpSecret },
    runtime: { ...database("runtime"), ...seal, ...registry, ...logs, PLATFORM: JSON.stringify(platform) },
    router: {
      ...database("router"),
      ...logs,
      INGRESS_ADDRESS: addresses.ingress(platform.subnetPrefix),
      TLS_CERTIFICATE: certificate.certificate,
      TLS_KEY: certificate.key,
    },
    api: { ...database("api"), ...seal, ...registry, ...logs, TOKEN_KEY: secrets.tokenKey, LOGS_KEY: secrets.logsKey },
    logs: { LOGS_TOKEN: secrets.logsToken, LOGS_KEY: secrets.logsKey },
    git: { ...database("git"), ...registry, ...logs, API_URL: ingress },
    compiler: {},
  };
  const vars = own[name];
  if (vars === undefined) throw new Error(`Bug: nobody has said which config vars ${name} gets`);
  return { ...publicVars(platform), ...vars };
}

function publicVars(platform: Platform): Record<string, string> {
  return {
    PLATFORM_DOMAIN: platform.domain,
    PLATFORM_HTTP_PORT: String(platform.httpPort),
    PLATFORM_HTTPS_PORT: String(platform.httpsPort),
  };
}

/** The dyno of one of the platform's apps that the seed starts itself; what the runtime would make of release v1. */
export function bootDyno(bootstrap: Bootstrap, system: SystemApp, dynoId: string, createdAt: Date): Dyno {
  const app = bootApp(bootstrap, system.name);
  const size = sizeNamed("system");
  const command = bootstrap.slug.processTypes[system.name];
  if (size === undefined) throw new Error("Bug: there is no size system");
  if (command === undefined) throw new Error(`Cannot start ${system.name}: the Procfile has no line for it`);
  return {
    id: dynoId,
    appId: app.id,
    appName: system.name,
    system: true,
    name: `${system.name}.1`,
    type: system.name,
    releaseId: app.releaseId,
    releaseVersion: 1,
    command,
    size,
    layers: bootstrap.slug.layers,
    env: app.config,
    port: system.port,
    createdAt,
  };
}

export function bootApp(bootstrap: Bootstrap, name: string): BootApp {
  const app = bootstrap.apps.find((one) => one.name === name);
  if (app === undefined) throw new Error(`Bug: the bootstrap has no app ${name}`);
  return app;
}

/** What the runtime starts with before it has read the database. */
export function desiredState(bootstrap: Bootstrap, seal: Seal): DesiredState {
  const apps = bootstrap.apps.map(
    (app): DesiredApp => ({
      id: app.id,
      name: app.name,
      system: true,
      release: {
        id: app.releaseId,
        version: 1,
        createdAt: bootstrap.createdAt,
        description: bootDescription,
        commit: bootstrap.slug.commit,
        layers: bootstrap.slug.layers,
        processTypes: bootstrap.slug.processTypes,
        config: sealAll(seal, app.config),
      },
      formation: app.formation.map(({ type, quantity, size }) => ({ type, quantity, size })),
      restarts: [],
    }),
  );
  return { apps, oneOffs: [] };
}
