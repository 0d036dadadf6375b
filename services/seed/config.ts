import { Environment } from "../kernel/environment.ts";
import { Problem } from "../kernel/problem.ts";

/** What the seed takes from the environment: the flags' variables, and how this machine reaches the outside. */
export interface SeedConfig {
  /** QUINE_NAME, QUINE_DATA …, by the flag each stands for. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Path of the engine's socket. */
  readonly engineSocket: string;
  /** Proxy and registry settings of the shell that builds shall have too. */
  readonly outside: Readonly<Record<string, string>>;
  /** NODE_EXTRA_CA_CERTS of the shell: kept when `quine env` sets its own. */
  readonly extraCaFile: string | undefined;
  readonly noColor: boolean;
  readonly path: string;
  /** The whole environment, for git, which has its own settings there. */
  readonly inherited: Readonly<Record<string, string>>;
}

/** Proxies are read in both spellings, as curl does; the lower-case one wins. */
const outsideNames = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] as const;

/** @throws Problem bad_request when DOCKER_HOST is not a socket of this machine. */
export function readConfig(values: Readonly<Record<string, string | undefined>>): SeedConfig {
  const environment = new Environment(values);
  const outside: Record<string, string> = {};
  for (const name of outsideNames) {
    const value = environment.optional(name.toLowerCase()) ?? environment.optional(name);
    if (value !== undefined) outside[name] = value;
  }
  const registry = environment.optional("NPM_CONFIG_REGISTRY") ?? environment.optional("npm_config_registry");
  if (registry !== undefined) outside.NPM_CONFIG_REGISTRY = registry;
  return {
    variables: {
      name: environment.optional("QUINE_NAME"),
      data: environment.optional("QUINE_DATA"),
      port: environment.optional("QUINE_PORT"),
      tlsPort: environment.optional("QUINE_TLS_PORT"),
      bind: environment.optional("QUINE_BIND"),
      domain: environment.optional("QUINE_DOMAIN"),
      subnet: environment.optional("QUINE_SUBNET"),
    },
    engineSocket: engineSocket(environment.optional("DOCKER_HOST")),
    outside,
    extraCaFile: environment.optional("NODE_EXTRA_CA_CERTS"),
    noColor: environment.optional("NO_COLOR") !== undefined,
    path: environment.text("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    inherited: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
  };
}

function engineSocket(dockerHost: string | undefined): string {
  if (dockerHost === undefined) return "/var/run/docker.sock";
  const path = /^unix:\/\/(\/[A-Za-z0-9._/-]+)$/.exec(dockerHost)?.[1];
  if (path === undefined)
    throw new Problem(
      "bad_request",
      `DOCKER_HOST is ${JSON.stringify(dockerHost)}, but the platform mounts file systems for its dynos and needs an engine ` +
        "on this machine: unset it, or give unix:///path/of/the.sock",
    );
  return path;
}
