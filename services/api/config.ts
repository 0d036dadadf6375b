import { Environment } from "../kernel/environment.ts";

/** Everything the API is told from outside, read once. */
export interface Settings {
  readonly port: number;
  readonly databaseUrl: string;
  readonly sealKey: string;
  readonly tokenKey: string;
  readonly registryUrl: string;
  readonly logsUrl: string;
  readonly logsToken: string;
  readonly logsKey: string;
  /** Where dynos reach the platform from inside: the origin of LOGS_URL, which is the ingress. */
  readonly insideUrl: string;
  readonly domain: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly buildTimeLimitSeconds: number;
  /** How long a promoted part must stay up before the next one's turn. */
  readonly promotionWatchMs: number;
}

/** @throws Error naming the variable that is missing or malformed. */
export function readSettings(values: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const environment = new Environment(values);
  const logsUrl = environment.text("LOGS_URL");
  return {
    port: environment.integer("PORT", 5000),
    databaseUrl: environment.text("DATABASE_URL"),
    sealKey: environment.text("SEAL_KEY"),
    tokenKey: environment.text("TOKEN_KEY"),
    registryUrl: environment.text("REGISTRY_URL"),
    logsUrl,
    logsToken: environment.text("LOGS_TOKEN"),
    logsKey: environment.text("LOGS_KEY"),
    insideUrl: new URL(logsUrl).origin,
    domain: environment.text("PLATFORM_DOMAIN"),
    httpPort: environment.integer("PLATFORM_HTTP_PORT"),
    httpsPort: environment.integer("PLATFORM_HTTPS_PORT"),
    buildTimeLimitSeconds: environment.integer("BUILD_TIME_LIMIT_SECONDS", 900),
    promotionWatchMs: environment.integer("PROMOTION_WATCH_SECONDS", 2) * 1000,
  };
}
