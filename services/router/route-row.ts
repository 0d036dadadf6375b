/** A dyno as the view `routes` has it. */
export interface Dyno {
  readonly id: string;
  /** e.g. "web.1" */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly releaseVersion: number;
  readonly state: "up" | "starting" | "crashed";
}

/** One app of the view `routes`. */
export interface RouteRow {
  readonly appId: string;
  readonly name: string;
  readonly isSystem: boolean;
  readonly isMaintenance: boolean;
  /** Has a release with a slug. */
  readonly isDeployed: boolean;
  /** How many dynos of the routed process type are wanted. */
  readonly quantity: number;
  /** Its custom domains, `*.` wildcards among them. */
  readonly hostnames: readonly string[];
  readonly dynos: readonly Dyno[];
}

/** @throws Error when the row is not one of the view: then the router and the migrations don't fit, a bug. */
export function parseRouteRow(row: Readonly<Record<string, unknown>>): RouteRow {
  return {
    appId: text(row, "app_id"),
    name: text(row, "name"),
    isSystem: row.system === true,
    isMaintenance: row.maintenance === true,
    isDeployed: row.deployed === true,
    quantity: number(row, "quantity"),
    hostnames: list(row, "hostnames").map(String),
    dynos: list(row, "dynos").map((dyno) => parseDyno(dyno as Record<string, unknown>)),
  };
}

function parseDyno(dyno: Readonly<Record<string, unknown>>): Dyno {
  const state = text(dyno, "state");
  if (state !== "up" && state !== "starting" && state !== "crashed")
    throw new Error(`Bug: a routed dyno has the state ${state}`);
  return {
    id: text(dyno, "id"),
    name: text(dyno, "name"),
    address: text(dyno, "address"),
    port: number(dyno, "port"),
    releaseVersion: number(dyno, "release_version"),
    state,
  };
}

function text(row: Readonly<Record<string, unknown>>, key: string): string {
  const value = row[key];
  if (typeof value !== "string") throw new Error(`Bug: ${key} of a route is not text`);
  return value;
}

function number(row: Readonly<Record<string, unknown>>, key: string): number {
  const value = row[key];
  if (typeof value !== "number") throw new Error(`Bug: ${key} of a route is not a number`);
  return value;
}

function list(row: Readonly<Record<string, unknown>>, key: string): unknown[] {
  const value = row[key];
  if (!Array.isArray(value)) throw new Error(`Bug: ${key} of a route is not a list`);
  return value;
}
