/**
 * The environment of a buildpack's programs: written anew, so that nothing of the compiler's own (its token above all) is in it.
 * Config vars are not exported; a buildpack finds them in the env folder (contract §5.5).
 */
export function buildEnvironment(facts: {
  readonly stack: string;
  readonly buildId: string;
  readonly sourceVersion: string | undefined;
  /** Proxies, certificates and registries of the machine (docs/behind-a-proxy.md): how every tool reaches the world. */
  readonly trust: Readonly<Record<string, string>>;
  /** Node and npm that buildpacks may use to fetch what they install. */
  readonly nodePath: string;
  readonly npmPath: string;
  readonly depsFolder: string;
  readonly depsBeforeFolder: string;
}): Record<string, string> {
  return {
    ...facts.trust,
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/app",
    LANG: "C.UTF-8",
    TMPDIR: "/tmp",
    STACK: facts.stack,
    REQUEST_ID: facts.buildId,
    ...(facts.sourceVersion === undefined ? {} : { SOURCE_VERSION: facts.sourceVersion }),
    // Times inside what compilers and packers write: fixed, as the slug is a function of its source. 1980, since zip knows none before.
    SOURCE_DATE_EPOCH: "315532800",
    QUINE_NODE: facts.nodePath,
    QUINE_NPM: facts.npmPath,
    QUINE_DEPS: facts.depsFolder,
    QUINE_DEPS_BEFORE: facts.depsBeforeFolder,
  };
}

/** Names of variables that tell tools how to reach the world from here; either case is in use. */
export const trustNames: readonly string[] = [
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "NPM_CONFIG_CAFILE",
  "npm_config_cafile",
  "NPM_CONFIG_REGISTRY",
  "npm_config_registry",
  "HTTP_PROXY",
  "http_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "NO_PROXY",
  "no_proxy",
];
