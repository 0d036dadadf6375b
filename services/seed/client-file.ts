import type { Platform } from "../kernel/platform.ts";
import { frontUrl } from "./addresses.ts";
import { type Secrets, writePrivate } from "./secrets.ts";

/** Where the `quine` command finds the platform and its owner's token when the environment does not say. */
export function clientFile(platform: Platform): string {
  return `${platform.dataDir}/cli.json`;
}

export async function writeClientFile(platform: Platform, secrets: Secrets): Promise<void> {
  await writePrivate(
    clientFile(platform),
    `${JSON.stringify({ host: frontUrl(platform), token: secrets.apiToken }, null, 2)}\n`,
  );
}
