import { type Availability, availability } from "./availability.ts";
import { Backend } from "./backend.ts";
import type { Dyno, RouteRow } from "./route-row.ts";
import { buildRouteTable, findRoute, type RouteTable } from "./route-table.ts";
import type { Platform } from "./settings.ts";

/** One app as the router serves it: its newest route and what this router has going with it. */
export class RoutedApp {
  row: RouteRow;
  availability: Availability;
  /** The backends that take new requests; empty unless it can be served. */
  backends: readonly Backend[] = [];
  inFlight = 0;
  /** Called once each when the route was read again: requests that wait for a dyno. */
  readonly waiting = new Set<() => void>();

  constructor(row: RouteRow) {
    this.row = row;
    this.availability = availability(row);
  }
}

/** The route table in force, and the state that outlives each table. */
export class Directory {
  readonly #platform: Platform;
  readonly #idleMax: number;
  #table: RouteTable;
  readonly #apps = new Map<string, RoutedApp>();
  readonly #backends = new Map<string, Backend>();

  constructor(platform: Platform, idleMax: number) {
    this.#platform = platform;
    this.#idleMax = idleMax;
    this.#table = buildRouteTable([], platform);
  }

  find(host: string, target: string): RoutedApp | undefined {
    const row = findRoute(this.#table, host, target);
    return row === undefined ? undefined : this.#apps.get(row.appId);
  }

  /** Puts a new reading of the routes in force, whole, and lets waiting requests look again. */
  replace(rows: readonly RouteRow[]): void {
    this.#table = buildRouteTable(rows, this.#platform);
    const apps = new Set<string>();
    const dynos = new Set<string>();
    for (const row of rows) {
      apps.add(row.appId);
      this.#update(row, dynos);
    }
    for (const [id, backend] of this.#backends) {
      if (dynos.has(id)) continue;
      backend.retire();
      this.#backends.delete(id);
    }
    for (const [id, app] of this.#apps) {
      if (!apps.has(id)) {
        this.#apps.delete(id);
        app.availability = { kind: "refuse", code: "H14" };
        app.backends = [];
      }
      const waiting = [...app.waiting];
      app.waiting.clear();
      for (const look of waiting) look();
    }
  }

  closeStale(nowMs: number): void {
    for (const backend of this.#backends.values()) backend.closeStale(nowMs);
  }

  close(): void {
    for (const backend of this.#backends.values()) backend.retire();
  }

  #update(row: RouteRow, dynos: Set<string>): void {
    const app = this.#apps.get(row.appId) ?? new RoutedApp(row);
    this.#apps.set(row.appId, app);
    app.row = row;
    app.availability = availability(row);
    app.backends = app.availability.kind === "serve" ? app.availability.dynos.map((dyno) => this.#backend(dyno)) : [];
    for (const backend of app.backends) dynos.add(backend.dyno.id);
  }

  #backend(dyno: Dyno): Backend {
    const known = this.#backends.get(dyno.id);
    if (known !== undefined && known.dyno.address === dyno.address && known.dyno.port === dyno.port) return known;
    known?.retire();
    const backend = new Backend(dyno, this.#idleMax);
    this.#backends.set(dyno.id, backend);
    return backend;
  }
}
