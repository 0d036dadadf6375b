import type { Load } from "./choose-backend.ts";
import type { Dyno } from "./route-row.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/** One dyno as the router knows it from its own traffic: kept while the dyno is in the table, whatever else changes there. */
export class Backend implements Load {
  readonly dyno: Dyno;
  readonly idleMax: number;
  inFlight = 0;
  quarantinedUntilMs = 0;
  /** Last in, first out: what was used last is the least likely to have been closed meanwhile. */
  #idle: UpstreamConnection[] = [];
  #isGone = false;

  constructor(dyno: Dyno, idleMax: number) {
    this.dyno = dyno;
    this.idleMax = idleMax;
  }

  /**
   * An open connection, or undefined when a new one is needed.
   * @param idleMsMax at most so long unused: the longer, the likelier that the dyno is closing it right now
   */
  takeIdle(nowMs: number, idleMsMax: number): UpstreamConnection | undefined {
    const connection = this.#idle[this.#idle.length - 1];
    if (connection === undefined || connection.idleSinceMs + idleMsMax < nowMs) return undefined;
    return this.#idle.pop();
  }

  /** Keeps a connection for the next request, unless there are enough or the dyno is leaving. */
  keepIdle(connection: UpstreamConnection): void {
    if (this.#isGone || this.#idle.length >= this.idleMax) connection.destroy();
    else this.#idle.push(connection);
  }

  forget(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Closes what has not been used for too long; called once in a while. */
  closeStale(nowMs: number): void {
    const stale = this.#idle.filter((connection) => connection.idleUntilMs < nowMs);
    for (const connection of stale) connection.destroy();
  }

  /** The dyno takes no new requests; those in flight go on. */
  retire(): void {
    this.#isGone = true;
    for (const connection of [...this.#idle]) connection.destroy();
  }
}
