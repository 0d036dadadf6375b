import type { DesiredState } from "../kernel/desired.ts";

/** A dyno as it is found: one container of the engine, with what the runtime knows of its health. */
export interface ActualDyno {
  readonly id: string;
  readonly containerId: string;
  readonly appId: string;
  readonly appName: string;
  /** "web.1" */
  readonly name: string;
  readonly type: string;
  readonly releaseId: string;
  readonly releaseVersion: number;
  readonly sandboxId: string | undefined;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly layerHexes: readonly string[];
  readonly createdAt: Date;
  /** created: its container was made and not started, which only a crash of the runtime leaves behind. */
  readonly state: "created" | "starting" | "up" | "exited";
  readonly startedAt: Date | undefined;
  /** Since when this runtime tries to reach it; a runtime that has just taken the lead knows of no dyno yet whether it is up. */
  readonly watchedSince: Date | undefined;
  readonly exitStatus: number | undefined;
  readonly isOutOfMemory: boolean;
  /** Its sandbox is gone or was restarted under it: it runs on, and nobody can reach it. */
  readonly isStranded: boolean;
  /** Since when it has been asked to stop (SIGTERM). */
  readonly stoppingSince: Date | undefined;
}

/** How often the dyno of a slot has failed in a row with its release, and when last. */
export interface CrashRecord {
  readonly releaseId: string;
  readonly count: number;
  readonly lastAt: Date;
}

/** All facts a plan is made of. */
export interface World {
  readonly desired: DesiredState;
  readonly dynos: readonly ActualDyno[];
  /** By slot key, see {@link slotKey}. */
  readonly crashes: ReadonlyMap<string, CrashRecord>;
  /** Keys of slots, dynos and one-offs that a step is being carried out for; the plan leaves them alone. */
  readonly busy: ReadonlySet<string>;
  /** One-offs that ran, whether or not the database knows yet. */
  readonly endedOneOffs: ReadonlySet<string>;
  /** Dyno id of the runtime that makes the plan. */
  readonly selfId: string;
}

/** The place a formation dyno takes: never two dynos of one release in one slot. */
export function slotKey(appId: string, name: string): string {
  return `${appId}/${name}`;
}

export function typeOf(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}
