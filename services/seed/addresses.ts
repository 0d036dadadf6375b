import { addresses, type Platform, ports } from "../kernel/platform.ts";

/** The platform's database in the server of the `postgres` app. */
export const databaseName = "quine";

export function databaseUrl(platform: Platform, role: string, password: string, database = databaseName): string {
  const host = `${addresses.postgres(platform.subnetPrefix)}:${ports.postgres}`;
  return `postgres://${encodeURIComponent(role)}:${encodeURIComponent(password)}@${host}/${database}`;
}

export function registryUrl(platform: Platform): string {
  return `http://${addresses.registry(platform.subnetPrefix)}:${ports.registry}`;
}

/** Where the platform answers on this machine: 0.0.0.0 is every address, and the loopback among them. */
export function frontAddress(platform: Platform): string {
  return platform.bindAddress === "0.0.0.0" ? "127.0.0.1" : platform.bindAddress;
}

/** The platform's own address as people type it. */
export function frontUrl(platform: Platform): string {
  return `http://${platform.domain}:${platform.httpPort}`;
}

export function appUrl(platform: Platform, app: string): string {
  return `http://${app}.${platform.domain}:${platform.httpPort}/`;
}
