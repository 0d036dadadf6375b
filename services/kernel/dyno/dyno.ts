import type { Size } from "../sizes.ts";
import type { Layer } from "../slug.ts";

/** All that is needed to make one dyno; made by the planner (or the seed, for the first ones), never changed after. */
export interface Dyno {
  readonly id: string;
  readonly appId: string;
  readonly appName: string;
  /** Set for the platform's own apps: what they may do stands in kernel/system-apps.ts under this name. */
  readonly system: boolean;
  /** "web.1", "build.4821" */
  readonly name: string;
  readonly type: string;
  readonly releaseId: string;
  readonly releaseVersion: number;
  readonly command: string;
  readonly size: Size;
  /** Lowest first. */
  readonly layers: readonly Layer[];
  /** Config vars, opened. */
  readonly env: Readonly<Record<string, string>>;
  /** PORT; undefined where it serves nothing. */
  readonly port: number | undefined;
  /** Only build dynos: the app that is built, and what lies under /tmp/build and /tmp/cache. */
  readonly build?: { readonly appId: string; readonly layers: readonly Layer[]; readonly cache: Layer | undefined };
  readonly createdAt: Date;
}

/** Settings of the machine that every dyno gets (docs/behind-a-proxy.md): CA and proxy variables. From `<data>/trust/env.json`. */
export interface Trust {
  /** For every dyno. */
  readonly dyno: Readonly<Record<string, string>>;
  /** Only for build dynos, over the former. */
  readonly build: Readonly<Record<string, string>>;
  /** Whether `<data>/trust/extra-ca.crt` exists; it is mounted at {@link extraCaPath}. */
  readonly hasExtraCa: boolean;
}

export const extraCaPath = "/etc/quine/extra-ca.crt";
export const noTrust: Trust = { dyno: {}, build: {}, hasExtraCa: false };
