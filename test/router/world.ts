import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { createLogger } from "../../services/kernel/log.ts";
import type { RequestRecord } from "../../services/router/request-line.ts";
import type { Dyno, RouteRow } from "../../services/router/route-row.ts";
import type { RouteSource } from "../../services/router/route-source.ts";
import { Router } from "../../services/router/router.ts";
import { defaultLimits, defaultTimeouts, type Limits, type Timeouts } from "../../services/router/settings.ts";
import { makeCertificate } from "./certificate.ts";

const { certificate, key } = makeCertificate();
export const platform = { domain: "localhost", ingressAddress: "10.201.0.2", httpPort: 8080, httpsPort: 8443 };

/** Routes that a test sets. */
export class SettableRoutes implements RouteSource {
  #rows: readonly RouteRow[];
  readonly #followers = new Set<(rows: readonly RouteRow[]) => void>();

  constructor(rows: readonly RouteRow[]) {
    this.#rows = rows;
  }

  follow(apply: (rows: readonly RouteRow[]) => void, signal: AbortSignal): void {
    this.#followers.add(apply);
    signal.addEventListener("abort", () => this.#followers.delete(apply));
    apply(this.#rows);
  }

  set(rows: readonly RouteRow[]): void {
    this.#rows = rows;
    for (const apply of this.#followers) apply(rows);
  }
}

let counter = 0;

export function dyno(port: number, more: Partial<Dyno> = {}): Dyno {
  counter += 1;
  return { id: `dyno-${counter}`, name: "web.1", address: "127.0.0.1", port, releaseVersion: 1, state: "up", ...more };
}

export function app(name: string, dynos: readonly Dyno[], more: Partial<RouteRow> = {}): RouteRow {
  const flags = { isSystem: false, isMaintenance: false, isDeployed: true };
  return { appId: `id-of-${name}`, name, ...flags, quantity: 1, hostnames: [], dynos, ...more };
}

/** A router on ports of its own, and all it says about requests. */
export class World implements AsyncDisposable {
  readonly routes: SettableRoutes;
  readonly router: Router;
  readonly records: RequestRecord[] = [];
  /** The router's own log. */
  readonly lines: string[] = [];
  port = 0;
  readonly #closers: (() => unknown)[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(rows: readonly RouteRow[], timeouts: Partial<Timeouts>, limits: Partial<Limits>, ports: number[]) {
    this.routes = new SettableRoutes(rows);
    const settings = {
      platform,
      timeouts: { ...defaultTimeouts, drainMs: 2_000, drainIdleMs: 50, lingerMs: 50, ...timeouts },
      limits: { ...defaultLimits, ...limits },
      address: "127.0.0.1",
      ports,
      certificate,
      key,
    };
    const log = createLogger((line) => {
      this.lines.push(line);
      this.#changed();
    });
    this.router = new Router(settings, this.routes, log, (_appId, record) => {
      this.records.push(record);
      this.#changed();
    });
  }

  #changed(): void {
    for (const look of this.#watchers) look();
    this.#watchers.clear();
  }

  static async start(
    rows: readonly RouteRow[],
    timeouts: Partial<Timeouts> = {},
    limits: Partial<Limits> = {},
    ports: number[] = [0],
  ): Promise<World> {
    const world = new World(rows, timeouts, limits, ports);
    [world.port = 0] = await world.router.start();
    return world;
  }

  /** The n-th line that the router wrote, as soon as it is there. */
  async record(n = 1): Promise<RequestRecord> {
    for (;;) {
      const record = this.records[n - 1];
      if (record !== undefined) return record;
      await this.said();
    }
  }

  /** Resolves at the next line, of a request or of the router's own. */
  said(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#watchers.add(resolve);
    });
  }

  onClose(close: () => unknown): void {
    this.#closers.push(close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers) await close();
    await this.router.stop();
  }
}

/** A dyno made of a function for each connection: for answers that no HTTP server would give. */
export async function rawDyno(serve: (socket: net.Socket) => void): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as net.AddressInfo).port, [Symbol.asyncDispose]: close };
}

/** A dyno that is a real HTTP server. */
export async function httpDyno(
  serve: http.RequestListener,
): Promise<{ port: number; server: http.Server } & AsyncDisposable> {
  const server = http.createServer(serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as net.AddressInfo).port, server, [Symbol.asyncDispose]: close };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A dyno that accepts nothing and whose queue is full, so that the kernel drops who knocks: a program that listens and then stands still. */
export async function deafDyno(): Promise<{ port: number } & AsyncDisposable> {
  const program = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:fs").writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(said.toString());
  const knockers = Array.from({ length: 8 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));
  // The queue holds one more than its length; who comes after those two waits for ever.
  await Promise.all(knockers.slice(0, 2).map((knocker) => once(knocker, "connect")));
  const close = async () => {
    for (const knocker of knockers) knocker.destroy();
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { port, [Symbol.asyncDispose]: close };
}
