import type { Platform } from "../kernel/platform.ts";
import { certificatePaths } from "./kinds/certificate.ts";

/**
 * Shell lines that point the official Heroku CLI, git and curl at the platform. The CLI sends its token to the exact host
 * `localhost` only; for any other domain the token has to go as a header of its own.
 * @param program path of the `quine` command, which becomes a word of the shell's.
 */
export function environmentLines(platform: Platform, token: string, program = "quine"): string[] {
  const { clientBundle, clientExtra } = certificatePaths(platform);
  const isLocal = platform.domain === "localhost";
  const host = `${platform.domain}:${platform.httpPort}`;
  const variables: Record<string, string> = {
    HEROKU_HOST: `http://${host}`,
    HEROKU_API_KEY: token,
    ...(isLocal ? {} : { HEROKU_HEADERS: JSON.stringify({ authorization: `Bearer ${token}` }) }),
    // Each of these would otherwise be a host of Heroku's, asked with the token or after long waits.
    HEROKU_PARTICLEBOARD_URL: `http://${host}`,
    HEROKU_DATA_HOST: platform.domain,
    HEROKU_BUILDPACK_REGISTRY_URL: `http://${host}`,
    HEROKU_STATUS_HOST: `http://${host}`,
    HEROKU_EXEC_URL: `https://${host}`,
    HEROKU_LOGIN_HOST: `http://${host}`,
    DISABLE_TELEMETRY: "true",
    HEROKU_SKIP_NEW_VERSION_CHECK: "1",
    NODE_EXTRA_CA_CERTS: clientExtra,
    GIT_SSL_CAINFO: clientBundle,
    CURL_CA_BUNDLE: clientBundle,
    QUINE_DATA: platform.dataDir,
  };
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    `quine() { ${quote(program)} "$@"; }`,
  ];
}

/** One word of a POSIX shell, whatever is in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
