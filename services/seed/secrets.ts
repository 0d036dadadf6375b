import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { dataPaths } from "../kernel/platform.ts";
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

/** @returns undefined when there are none yet. */
export async function readSecrets(dataDir: string): Promise<Secrets | undefined> {
  const text = await readFile(dataPaths.secrets(dataDir), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as Secrets);
}

/** Writes a file that only root reads, whole or not at all. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await replaceFile(path, text, 0o600);
}

/** Replaces a file in one step: a crash leaves the old one or the new one. */
export async function replaceFile(path: string, text: string | Uint8Array, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  await writeFile(fresh, text, { mode });
  await chmod(fresh, mode);
  await rename(fresh, path);
}

/** A UUID that is a function of the installation and of what it is for, e.g. "app/router". */
export function idFor(secrets: Pick<Secrets, "installationId">, what: string): string {
  const hex = createHash("sha256").update(`${secrets.installationId}/${what}`).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
