import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import type { Logger } from "../kernel/log.ts";
import { ClientConnection } from "./client-connection.ts";
import type { Context } from "./context.ts";
import { Directory } from "./directory.ts";
import type { RequestRecord } from "./request-line.ts";
import type { RouteSource } from "./route-source.ts";
import type { Limits, Platform, Timeouts } from "./settings.ts";

export interface RouterSettings {
  readonly platform: Platform;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  /** Where to listen: on each, TLS and plain HTTP alike. */
  readonly address: string;
  readonly ports: readonly number[];
  readonly certificate: string;
  readonly key: string;
}

/** A flood of connections must not become a flood of lines. */
const refusedEveryMs = 10_000;

/** The front door: listens as soon as it knows the routes, passes requests on, and leaves without cutting one off. */
export class Router {
  readonly #settings: RouterSettings;
  readonly #source: RouteSource;
  readonly #context: Context;
  readonly #connections = new Set<ClientConnection>();
  readonly #servers: net.Server[] = [];
  readonly #tls: tls.Server;
  readonly #stopped = new AbortController();
  #sweep: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;
  readonly #log: Logger;
  #refused = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** @param record says in an app's log what became of a request @param chance gives numbers from [0, 1) */
  constructor(
    settings: RouterSettings,
    source: RouteSource,
    log: Logger,
    record: (appId: string, record: RequestRecord) => void,
    chance: () => number = Math.random,
  ) {
    const { platform, timeouts, limits } = settings;
    this.#settings = settings;
    this.#source = source;
    this.#log = log;
    const directory = new Directory(platform, limits.upstreamIdleMax);
    this.#context = { platform, timeouts, limits, directory, chance, record, isDraining: false };
    this.#tls = tls.createServer({
      cert: settings.certificate,
      key: settings.key,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["http/1.1"],
      handshakeTimeout: timeouts.handshakeMs,
      allowHalfOpen: true,
    });
    this.#tls.on("secureConnection", (socket) => this.#accept(socket, true));
    this.#tls.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  /** Resolves with the ports it listens on, once it knows the routes. @throws when a port is taken */
  async start(): Promise<number[]> {
    await new Promise<void>((resolve) => {
      this.#source.follow((rows) => {
        this.#context.directory.replace(rows);
        resolve();
      }, this.#stopped.signal);
    });
    for (const port of this.#settings.ports) await this.#listen(port);
    // Looked at all together: a timer for each request would cost more than serving it.
    const every = Math.max(10, Math.min(...Object.values(this.#context.timeouts)) / 8);
    this.#sweep = setInterval(() => this.#expire(), Math.min(every, 500));
    return this.#servers.map((server) => (server.address() as net.AddressInfo).port);
  }

  async #listen(port: number): Promise<void> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket, false));
    server.maxConnections = this.#settings.limits.connectionsMax;
    this.#servers.push(server);
    // Shared with the router's successor or predecessor, which joins the same network sandbox.
    server.listen({ host: this.#settings.address, port, reusePort: true, backlog: 4096 });
    await once(server, "listening");
    // Over the limit of connections, or (the error) out of file descriptors: neither must end the router.
    const count = () => {
      this.#refused += 1;
    };
    server.on("drop", count);
    server.on("error", count);
  }

  #accept(socket: net.Socket, isSecure: boolean): void {
    const { platform } = this.#context;
    const port = isSecure ? platform.httpsPort : platform.httpPort;
    const origin = { peer: socket.remoteAddress ?? "unknown", isSecure, port };
    const handshake = isSecure ? undefined : (raw: net.Socket, first: Buffer) => this.#handshake(raw, first);
    const forget = (connection: ClientConnection) => this.#forget(connection);
    const connection = new ClientConnection(this.#context, socket, origin, forget, handshake);
    this.#connections.add(connection);
    if (this.#context.isDraining) connection.drain();
  }

  #handshake(socket: net.Socket, first: Buffer): void {
    socket.unshift(first);
    this.#tls.emit("connection", socket);
  }

  #forget(connection: ClientConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #expire(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.expire(now);
    this.#context.directory.closeStale(now);
    if (this.#refused === 0 || now - this.#toldAtMs < refusedEveryMs) return;
    this.#log.warn("Connections were closed as they came: there are too many", { count: this.#refused });
    this.#refused = 0;
    this.#toldAtMs = now;
  }

  /** Takes no new connections, finishes what is in flight within the deadline, and ends the rest with H24. Once or more. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#context.isDraining = true;
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) connection.drain();
    await this.#emptied(this.#context.timeouts.drainMs);
    for (const connection of this.#connections) connection.forceClose();
    await this.#emptied(this.#context.timeouts.lingerMs);
    this.#stopped.abort();
    clearInterval(this.#sweep);
    this.#context.directory.close();
  }

  /** Resolves when no connection is left or the time is over. */
  async #emptied(withinMs: number): Promise<void> {
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
