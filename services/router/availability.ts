import type { Dyno, RouteRow } from "./route-row.ts";
import type { ErrorCode } from "./router-errors.ts";

/** What can be done with a request for an app right now. */
export type Availability =
  | { readonly kind: "serve"; readonly dynos: readonly Dyno[] }
  /** A dyno is on its way: hold the request. */
  | { readonly kind: "wait" }
  | { readonly kind: "refuse"; readonly code: ErrorCode };

/** First match wins. */
const classification: readonly [(app: RouteRow) => boolean, Availability][] = [
  [(app) => app.isMaintenance, { kind: "refuse", code: "H80" }],
  [(app) => !app.isDeployed, { kind: "refuse", code: "H81" }],
  [(app) => app.quantity === 0, { kind: "refuse", code: "H14" }],
  [(app) => app.dynos.some((dyno) => dyno.state === "starting"), { kind: "wait" }],
  [(app) => app.dynos.some((dyno) => dyno.state === "crashed"), { kind: "refuse", code: "H10" }],
];

/**
 * New requests go to the newest release that has a dyno up; the dynos of older ones only finish what they have.
 * No dyno known at all, though some are wanted, means that the runtime is about to start them.
 */
export function availability(app: RouteRow): Availability {
  const up = app.dynos.filter((dyno) => dyno.state === "up");
  if (up.length > 0 && !app.isMaintenance) {
    const newest = Math.max(...up.map((dyno) => dyno.releaseVersion));
    return { kind: "serve", dynos: up.filter((dyno) => dyno.releaseVersion === newest) };
  }
  const match = classification.find(([applies]) => applies(app));
  return match === undefined ? { kind: "wait" } : match[1];
}
