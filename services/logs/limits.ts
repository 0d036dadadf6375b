const megabyte = 1024 * 1024;

/** Every bound of this service. Tests make some of them smaller; nothing else changes them. */
export interface Limits {
  readonly intakeBytesMax: number;
  /** Intake bodies being read at one time; more are told to come again. */
  readonly intakesMax: number;
  /** A message longer than this becomes several lines. */
  readonly lineBytesMax: number;
  readonly linesPerAppMax: number;
  readonly bytesPerAppMax: number;
  readonly bytesOfAppsMax: number;
  readonly appsMax: number;
  readonly bytesPerBuildMax: number;
  readonly bytesOfBuildsMax: number;
  readonly buildsMax: number;
  /** A channel nobody writes to is forgotten after this long. */
  readonly buildIdleMs: number;
  readonly appIdleMs: number;
  /** How long a reader of a build's output waits for its first line. */
  readonly buildWaitMs: number;
  readonly streamsMax: number;
  readonly streamsPerChannelMax: number;
  /** Silence after which a stream is sent something invisible, so that proxies between don't think it dead. */
  readonly keepaliveMs: number;
  /** A reader that takes nothing for this long is cut off. */
  readonly stallMs: number;
  /** Bytes handed to a connection at once. */
  readonly writeBytesMax: number;
}

export const defaultLimits: Limits = {
  intakeBytesMax: megabyte,
  intakesMax: 32,
  lineBytesMax: 10_000,
  linesPerAppMax: 1_500,
  bytesPerAppMax: 8 * megabyte,
  bytesOfAppsMax: 64 * megabyte,
  appsMax: 10_000,
  bytesPerBuildMax: 2 * megabyte,
  bytesOfBuildsMax: 64 * megabyte,
  buildsMax: 1_000,
  buildIdleMs: 3_600_000,
  appIdleMs: 7 * 24 * 3_600_000,
  buildWaitMs: 120_000,
  streamsMax: 1_000,
  streamsPerChannelMax: 50,
  keepaliveMs: 20_000,
  stallMs: 300_000,
  writeBytesMax: 64 * 1024,
};
