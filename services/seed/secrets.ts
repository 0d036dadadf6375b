import { createHash, randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dataPaths } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";
import { readJson } from "../kernel/read-json.ts";
import { writeDurably } from "../kernel/write-durably.ts";
import type { DatabaseRole } from "./manifest.ts";

/** `<data>/secrets.json`, mode 0600, made once. Whoever reads it owns the platform. */
export interface Secrets {
  /** Every id of the first start is made from it, so that a start that was cut off gives the same ids again. */
  readonly installationId: string;
  readonly createdAt: string;
  readonly sealKey: string;
  readonly tokenKey: string;
  readonly logsToken: string;
  readonly logsKey: string;
  readonly registryHttpSecret: string;
  readonly postgresPassword: string;
  readonly rolePasswords: Readonly<Record<DatabaseRole, string>>;
  /** The owner's token for the API. */
  readonly apiToken: string;
}

export function makeSecrets(now: Date): Secrets {
  const secret = () => randomBytes(32).toString("hex");
  return {
    installationId: randomUUID(),
    createdAt: now.toISOString(),
    sealKey: secret(),
    tokenKey: secret(),
    logsToken: secret(),
    logsKey: secret(),
    registryHttpSecret: secret(),
    postgresPassword: secret(),
    rolePasswords: { api: secret(), runtime: secret(), router: secret(), git: secret() },
    apiToken: `HRKU-${randomUUID()}`,
  };
}

/**
 * @returns undefined when there are none yet. @throws Problem when they are damaged, or lost while what they open is still there:
 * new ones would not open it.
 */
export async function readSecrets(dataDir: string): Promise<Secrets | undefined> {
  const path = dataPaths.secrets(dataDir);
  const found = (await readJson(path)) as Secrets | undefined;
  if (found === undefined && (existsSync(`${dataDir}/booted.json`) || existsSync(`${dataDir}/volumes/postgres`)))
    throw new Problem(
      "conflict",
      `${path} is missing: restore it from a backup; without it the platform's data cannot be read. To begin anew: bin/quine destroy`,
    );
  return found;
}

/** Writes a file that only root reads, whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await writeDurably(path, text, 0o600);
}

/** A UUID that is a function of the installation and of what it is for, e.g. "app/router". */
export function idFor(secrets: Pick<Secrets, "installationId">, what: string): string {
  const hex = createHash("sha256").update(`${secrets.installationId}/${what}`).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
