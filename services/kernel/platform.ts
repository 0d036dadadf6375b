/**
 * One platform on one machine, as it is written to `<data>/platform.json` when it is first brought up.
 * The seed writes it; the runtime gets what it needs of it as config vars. No secrets here (those are in `<data>/secrets.json`, mode 0600).
 */
export interface Platform {
  /** Lower-case letters, digits, dashes: the prefix of every container, network and firewall chain. Default "quine". */
  readonly name: string;
  /** Absolute path of the data folder on the host; the runtime sees it at the same path. Default /var/lib/quine. */
  readonly dataDir: string;
  /** Apps answer at `<app>.<domain>`; default "localhost". */
  readonly domain: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Address on the host that the two ports are published on; default 127.0.0.1. */
  readonly bindAddress: string;
  /** First two bytes of the dyno network, e.g. "10.201"; the network is `<prefix>.0.0/16`. */
  readonly subnetPrefix: string;
  /** Image every dyno runs on, e.g. "quine/debian-12:<recipe hash>". */
  readonly stackImage: string;
  /** The engine's socket on the host. */
  readonly engineSocket: string;
}

/** Fixed places in the dyno network; every other sandbox gets an address from `.128.0/17` by the engine. */
export const addresses = {
  network: (prefix: string) => `${prefix}.0.0/16`,
  pool: (prefix: string) => `${prefix}.128.0/17`,
  gateway: (prefix: string) => `${prefix}.0.1`,
  ingress: (prefix: string) => `${prefix}.0.2`,
  postgres: (prefix: string) => `${prefix}.0.3`,
  registry: (prefix: string) => `${prefix}.0.4`,
} as const;

/** Ports inside the network. Every dyno that serves gets PORT=5000, since every dyno has a network of its own. */
export const ports = { dyno: 5000, ingressHttp: 8080, ingressHttps: 8443, postgres: 5432, registry: 5000 } as const;

/** Where build dynos find things: fixed, because the same path gives the same bytes (docs/architecture.md, fixpoint). */
export const buildPaths = { build: "/tmp/build", cache: "/tmp/cache", env: "/tmp/env", output: "/tmp/output" } as const;

/** The uid and gid every tenant process runs as; the stack image has the user `dyno` with it and HOME=/app. */
export const dynoUser = { name: "dyno", uid: 1000, gid: 1000 } as const;

/** Paths below the data folder. */
export const dataPaths = {
  platform: (data: string) => `${data}/platform.json`,
  secrets: (data: string) => `${data}/secrets.json`,
  /** Layer files by digest: `<hex>.sqfs`, and `<hex>/` where each is mounted. */
  layers: (data: string) => `${data}/layers`,
  /** `<dyno id>/`: disk.img and its mount, with app/ and tmp/. */
  dynos: (data: string) => `${data}/dynos`,
  /** What survives a dyno: `<app>/`, only for postgres and registry. */
  volumes: (data: string) => `${data}/volumes`,
  /** The runtime's own: last known desired state, leadership lock. */
  runtime: (data: string) => `${data}/runtime`,
  /** Extra CA certificates, npm and apt settings for every dyno (docs/behind-a-proxy.md). */
  trust: (data: string) => `${data}/trust`,
} as const;

/** Labels of every container, network the platform makes; never a secret among them. */
export const labels = {
  platform: "quine.platform",
  /** "dyno" | "sandbox" | "ingress" */
  kind: "quine.kind",
  appId: "quine.app_id",
  appName: "quine.app",
  dynoId: "quine.dyno_id",
  /** e.g. "web.1", "run.4821" */
  dynoName: "quine.dyno",
  releaseId: "quine.release_id",
  releaseVersion: "quine.release",
  /** Container id of the sandbox the dyno lives in. */
  sandbox: "quine.sandbox",
  /** PORT the dyno was given, absent where it serves nothing. */
  port: "quine.port",
  /** Comma-joined hex digests of its layers, lowest first. */
  layers: "quine.layers",
  createdAt: "quine.created_at",
} as const;
