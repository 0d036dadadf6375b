import { Environment } from "../kernel/environment.ts";
import { ports } from "../kernel/platform.ts";
import { type RequestLogSettings, requestLogDefaults } from "./request-log.ts";
import type { RouterSettings } from "./router.ts";
import { defaultLimits, defaultTimeouts } from "./settings.ts";

export interface Config {
  readonly databaseUrl: string;
  /** Of the health check; the runtime gives each dyno in the ingress sandbox its own. */
  readonly healthPort: number;
  readonly router: RouterSettings;
  readonly log: RequestLogSettings;
}

/** @throws Error naming the variable that is missing or wrong. */
export function readConfig(values: Readonly<Record<string, string | undefined>>): Config {
  const environment = new Environment(values);
  return {
    databaseUrl: environment.text("DATABASE_URL"),
    healthPort: environment.integer("PORT"),
    router: {
      platform: {
        domain: environment.text("PLATFORM_DOMAIN"),
        ingressAddress: environment.text("INGRESS_ADDRESS"),
        httpPort: environment.integer("PLATFORM_HTTP_PORT"),
        httpsPort: environment.integer("PLATFORM_HTTPS_PORT"),
      },
      timeouts: defaultTimeouts,
      limits: defaultLimits,
      address: "0.0.0.0",
      ports: [
        environment.integer("INGRESS_HTTP_PORT", ports.ingressHttp),
        environment.integer("INGRESS_HTTPS_PORT", ports.ingressHttps),
      ],
      certificate: environment.text("TLS_CERTIFICATE"),
      key: environment.text("TLS_KEY"),
    },
    log: {
      ...requestLogDefaults,
      url: environment.text("LOGS_URL"),
      token: environment.text("LOGS_TOKEN"),
    },
  };
}
