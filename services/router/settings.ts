/** How long the router waits for what, in milliseconds. The defaults are Heroku's where it has one. */
export interface Timeouts {
  /** To open a connection to a dyno (H19). */
  readonly connectMs: number;
  /** From the end of the request to the first byte of the answer (H12). */
  readonly firstByteMs: number;
  /** Rolling: no byte in either direction (H15, H28). */
  readonly idleMs: number;
  /** For a starting dyno, when none is up (H20). */
  readonly bootMs: number;
  /** A dyno that could not be reached is left alone for so long. */
  readonly quarantineMs: number;
  /** From a request's first byte to the end of its head: slow senders hold a connection no longer. */
  readonly requestHeadMs: number;
  /** Between two requests of one client. */
  readonly keepAliveMs: number;
  /** An unused connection to a dyno. Servers that close earlier say so in Keep-Alive. */
  readonly upstreamIdleMs: number;
  readonly handshakeMs: number;
  /** After an answer that ends the connection, for the client to read it. */
  readonly lingerMs: number;
  /** While stopping: for requests in flight (H24). */
  readonly drainMs: number;
  /** While stopping: for clients between two requests to send one more, which is answered with `Connection: close`. */
  readonly drainIdleMs: number;
}

export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  firstByteMs: 30_000,
  idleMs: 55_000,
  bootMs: 75_000,
  quarantineMs: 5_000,
  requestHeadMs: 30_000,
  keepAliveMs: 90_000,
  upstreamIdleMs: 30_000,
  handshakeMs: 10_000,
  lingerMs: 2_000,
  drainMs: 25_000,
  drainIdleMs: 2_000,
};

export interface Limits {
  /** Client connections at once, both ports together; more are closed as they come. */
  readonly connectionsMax: number;
  /** Requests at once for one app (H11): an app that hangs must not take the connections of the others. */
  readonly appRequestsMax: number;
  /** Dynos tried for one request. */
  readonly triesMax: number;
  /** Idle connections kept for one dyno. */
  readonly upstreamIdleMax: number;
  /** Bytes a client may send ahead of the answer to its last request. */
  readonly pipelineBytesMax: number;
}

export const defaultLimits: Limits = {
  connectionsMax: 8_000,
  appRequestsMax: 2_000,
  triesMax: 10,
  upstreamIdleMax: 256,
  pipelineBytesMax: 64 * 1024,
};

/** What the router is told about the platform; the environment it comes from is in config.ts. */
export interface Platform {
  readonly domain: string;
  /** The router's own address in the dyno network: a platform host too. */
  readonly ingressAddress: string;
  /** Ports as the world sees them: for X-Forwarded-Port. */
  readonly httpPort: number;
  readonly httpsPort: number;
}
