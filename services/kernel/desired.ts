import type { Layer } from "./slug.ts";

/**
 * What should run, read whole from Postgres by the runtime, and kept at `<data>/runtime/desired.json` (mode 0600) so that
 * dynos are started without Postgres too: after a reboot Postgres is one of them. Values of config vars stay sealed in it.
 */
export interface DesiredState {
  readonly apps: readonly DesiredApp[];
  readonly oneOffs: readonly DesiredOneOff[];
  /** From the saved copy: one-offs are not in it, so that none is known does not mean that none is wanted. */
  readonly isFromCache?: true;
}

export interface DesiredApp {
  readonly id: string;
  readonly name: string;
  readonly system: boolean;
  /** The newest succeeded release that has a slug; undefined: nothing can run. */
  readonly release?: DesiredRelease;
  readonly formation: readonly { readonly type: string; readonly quantity: number; readonly size: string }[];
  /** Dynos made before `requestedAt` (ISO) are stale; a missing type and name means all. */
  readonly restarts: readonly { readonly type?: string; readonly name?: string; readonly requestedAt: string }[];
}

export interface DesiredRelease {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly description: string;
  readonly commit?: string;
  readonly layers: readonly Layer[];
  readonly processTypes: Readonly<Record<string, string>>;
  /** Config var name → sealed value. */
  readonly config: Readonly<Record<string, string>>;
}

/** A run wanted exactly once; its dyno has the same id. */
export interface DesiredOneOff {
  readonly id: string;
  readonly appId: string;
  readonly appName: string;
  readonly name: string;
  readonly type: string;
  readonly command: string;
  readonly size: string;
  readonly release: DesiredRelease;
  /** Laid over the release's config; sealed. */
  readonly env: Readonly<Record<string, string>>;
  /** Layers under /tmp/build, the lowest first. */
  readonly buildLayers: readonly Layer[];
  readonly cacheLayer?: Layer;
  /** Of the app that is being built; undefined when the run is no build. */
  readonly buildAppId?: string;
  readonly logChannel: string;
  readonly timeLimitSeconds: number;
  readonly stopRequested: boolean;
  /** The database has a record of its dyno: if there is no container for it, the run was lost and must not be repeated. */
  readonly started: boolean;
}

export const emptyDesiredState: DesiredState = { apps: [], oneOffs: [] };
