import { readFile } from "node:fs/promises";
import type { Trust } from "../kernel/dyno/dyno.ts";
import { Environment } from "../kernel/environment.ts";
import { dataPaths, type Platform } from "../kernel/platform.ts";

export interface Config {
  readonly platform: Platform;
  readonly databaseUrl: string;
  readonly sealKey: string;
  readonly registryUrl: string;
  readonly logsUrl: string;
  readonly logsToken: string;
  /** Id of the dyno this runtime is. */
  readonly dynoId: string;
  /** Sandboxes and disks kept ready. */
  readonly sandboxesReady: number;
}

export function readConfig(values: Readonly<Record<string, string | undefined>>): Config {
  const environment = new Environment(values);
  return {
    platform: JSON.parse(environment.text("PLATFORM")) as Platform,
    databaseUrl: environment.text("DATABASE_URL"),
    sealKey: environment.text("SEAL_KEY"),
    registryUrl: environment.text("REGISTRY_URL"),
    logsUrl: environment.text("LOGS_URL"),
    logsToken: environment.text("LOGS_TOKEN"),
    dynoId: environment.text("HEROKU_DYNO_ID"),
    sandboxesReady: environment.integer("SANDBOXES_READY", 2),
  };
}

/** `<data>/trust/env.json` as the seed left it; the empty one when there is none. Read for each dyno: a change needs no restart. */
export async function readTrust(dataDir: string): Promise<Trust> {
  const folder = dataPaths.trust(dataDir);
  const [settings, extraCa] = await Promise.all([
    readFile(`${folder}/env.json`, "utf8").catch(() => "{}"),
    readFile(`${folder}/extra-ca.crt`).catch(() => undefined),
  ]);
  const parsed = JSON.parse(settings) as Partial<Pick<Trust, "dyno" | "build">>;
  return {
    dyno: parsed.dyno ?? {},
    build: parsed.build ?? {},
    hasExtraCa: extraCa !== undefined && extraCa.length > 0,
  };
}
