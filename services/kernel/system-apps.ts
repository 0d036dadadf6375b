import { addresses, ports } from "./platform.ts";

/** How one of the platform's own apps differs from a tenant's: data, so that what each part may do can be read in one place. */
export interface SystemApp {
  /** App name and process type: the platform's slug has one Procfile line for each. */
  readonly name: string;
  /** Standing dynos; the compiler has none, its dynos are one-offs. */
  readonly quantity: number;
  /** "dyno": sandbox of its own · "ingress": joins the ingress sandbox · "host": the host's network (runtime only). */
  readonly network: "dyno" | "ingress" | "host";
  /** Fixed address in the dyno network, as a function of the subnet prefix, for what must be found before the database answers. */
  readonly address?: (prefix: string) => string;
  /** Port it serves on inside its network; the health check connects to it. Undefined: up once started. */
  readonly port?: number;
  /** Where its volume (`<data>/volumes/<name>`) is mounted; it outlives the dyno, so such a dyno is never started beside its predecessor. */
  readonly volume?: string;
  readonly rollout: "start-first" | "stop-first";
  /** Platform apps it may open connections to; the world and the ingress are open to all. */
  readonly reaches: readonly ("postgres" | "registry")[];
  /** May reach every dyno's PORT: the router's reason to be. */
  readonly reachesDynos?: true;
  /** Has the engine's socket, the data folder and the host's mounts and firewall. */
  readonly kernel?: true;
}

/** In the order of boot; a self-deploy goes through them in the order of {@link promotionOrder}. */
export const systemApps: readonly SystemApp[] = [
  {
    name: "postgres",
    quantity: 1,
    network: "dyno",
    address: addresses.postgres,
    port: ports.postgres,
    volume: "/volume",
    rollout: "stop-first",
    reaches: [],
  },
  {
    name: "registry",
    quantity: 1,
    network: "dyno",
    address: addresses.registry,
    port: ports.registry,
    volume: "/volume",
    rollout: "stop-first",
    reaches: [],
  },
  {
    name: "runtime",
    quantity: 1,
    network: "host",
    rollout: "start-first",
    reaches: ["postgres", "registry"],
    kernel: true,
  },
  {
    name: "router",
    quantity: 1,
    network: "ingress",
    rollout: "start-first",
    reaches: ["postgres"],
    reachesDynos: true,
  },
  {
    name: "api",
    quantity: 1,
    network: "dyno",
    port: ports.dyno,
    rollout: "start-first",
    reaches: ["postgres", "registry"],
  },
  { name: "logs", quantity: 1, network: "dyno", port: ports.dyno, rollout: "stop-first", reaches: [] },
  {
    name: "git",
    quantity: 1,
    network: "dyno",
    port: ports.dyno,
    rollout: "start-first",
    reaches: ["postgres", "registry"],
  },
  { name: "compiler", quantity: 0, network: "dyno", rollout: "start-first", reaches: [] },
];

/** The platform's own source app: `git push` to it builds the one slug of all components. */
export const platformAppName = "quine";

/**
 * The order of a self-deploy. The kernel is last: the old one is there to undo all before it. The router and git come shortly before
 * it, since the push that asked for the deploy goes through both, and each lets what it holds finish when it is told to stop.
 */
export const promotionOrder: readonly string[] = [
  "compiler",
  "logs",
  "api",
  "registry",
  "postgres",
  "router",
  "git",
  "runtime",
];

export function systemAppNamed(name: string): SystemApp | undefined {
  return systemApps.find((app) => app.name === name);
}

/** Names no tenant can take: the platform's own, and the hosts it answers at. */
export const reservedAppNames: readonly string[] = [
  ...systemApps.map((app) => app.name),
  platformAppName,
  "cron",
  "metrics",
  "dashboard",
  "www",
  "status",
];
