import type { Platform } from "../kernel/platform.ts";
import { readJson } from "../kernel/read-json.ts";
import { writeDurably } from "../kernel/write-durably.ts";

/** `<data>/booted.json`: that the first start is over, and which of its once-in-a-lifetime steps are. */
export interface Booted {
  readonly at: string;
  /** Digest of the slug it was started with. */
  readonly slug: string;
  /** When the platform had built and deployed itself. */
  readonly self?: string;
  /** When the sample app had answered. */
  readonly sample?: string;
}

const path = (platform: Platform) => `${platform.dataDir}/booted.json`;

export async function readBooted(platform: Platform): Promise<Booted | undefined> {
  return (await readJson(path(platform))) as Booted | undefined;
}

export async function writeBooted(platform: Platform, booted: Booted): Promise<void> {
  await writeDurably(path(platform), `${JSON.stringify(booted, null, 2)}\n`, 0o644);
}

/** Writes down that a step is over. */
export async function markBooted(platform: Platform, part: "self" | "sample", at: Date): Promise<void> {
  const booted = await readBooted(platform);
  if (booted === undefined) throw new Error("Bug: the platform has not booted yet");
  await writeBooted(platform, { ...booted, [part]: at.toISOString() });
}
