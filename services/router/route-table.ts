import type { RouteRow } from "./route-row.ts";
import type { Platform } from "./settings.ts";

/** The only platform apps with a door to the world; the others have none, whatever they are called. */
const routedSystemApps: readonly string[] = ["api", "git", "logs"];

/** Which app answers for which host and path: a value, made anew from every reading of the routes. */
export interface RouteTable {
  readonly rows: readonly RouteRow[];
  /** Host (lower case, no port) → app. The platform's own hosts are not here. */
  readonly hosts: ReadonlyMap<string, RouteRow>;
  /** `example.com` for the custom domain `*.example.com` → app. */
  readonly wildcards: ReadonlyMap<string, RouteRow>;
  /** Host → the platform app that answers there unless the path says otherwise. */
  readonly platformHosts: ReadonlyMap<string, string>;
  readonly systemApps: ReadonlyMap<string, RouteRow>;
  readonly domain: string;
}

/**
 * Whoever comes first keeps a host: the platform's own, then app names, then custom domains. A custom domain below the
 * platform's domain is left out, so that no tenant can take another's name.
 */
export function buildRouteTable(rows: readonly RouteRow[], platform: Platform): RouteTable {
  const domain = platform.domain.toLowerCase();
  const platformHosts = new Map([
    [domain, "api"],
    [`api.${domain}`, "api"],
    [platform.ingressAddress, "api"],
    [`git.${domain}`, "git"],
    [`logs.${domain}`, "logs"],
  ]);
  const hosts = new Map<string, RouteRow>();
  const wildcards = new Map<string, RouteRow>();
  const systemApps = new Map<string, RouteRow>();
  for (const row of rows) {
    if (!row.isSystem) hosts.set(`${row.name}.${domain}`, row);
    else if (routedSystemApps.includes(row.name)) systemApps.set(row.name, row);
  }
  for (const row of rows) {
    if (row.isSystem) continue;
    for (const hostname of row.hostnames.map((name) => name.toLowerCase())) {
      if (hostname === domain || hostname.endsWith(`.${domain}`) || platformHosts.has(hostname)) continue;
      const isWildcard = hostname.startsWith("*.");
      const map = isWildcard ? wildcards : hosts;
      const key = isWildcard ? hostname.slice(2) : hostname;
      if (!map.has(key)) map.set(key, row);
    }
  }
  return { rows, hosts, wildcards, platformHosts, systemApps, domain };
}

/**
 * @param host as the client sent it
 * @param target path and query
 * @returns the app that answers, or undefined when there is none
 */
export function findRoute(table: RouteTable, host: string, target: string): RouteRow | undefined {
  const name = hostname(host);
  const direct = table.hosts.get(name);
  if (direct !== undefined) return direct;
  const platformApp = table.platformHosts.get(name);
  if (platformApp !== undefined) {
    if (target.startsWith("/_logs/")) return table.systemApps.get("logs");
    if (name === table.domain && /^\/[a-z0-9-]+\.git(?:[/?]|$)/.test(target)) return table.systemApps.get("git");
    return table.systemApps.get(platformApp);
  }
  if (table.wildcards.size === 0) return undefined;
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const route = table.wildcards.get(name.slice(dot + 1));
    if (route !== undefined) return route;
  }
  return undefined;
}

/** Lower case, without port and without the dot of an absolute name. */
function hostname(host: string): string {
  const colon = host.charCodeAt(0) === 0x5b ? host.indexOf(":", host.indexOf("]")) : host.indexOf(":");
  const name = (colon < 0 ? host : host.slice(0, colon)).toLowerCase();
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
