import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dataPaths, type Platform } from "../../kernel/platform.ts";
import { writeDurably } from "../../kernel/write-durably.ts";
import { done, type Kind, missing } from "../runner.ts";
import { trustSettings } from "../trust.ts";
import type { World } from "../world.ts";

const hostBundle = "/etc/ssl/certs/ca-certificates.crt";

/** What dynos get of the machine's settings (docs/behind-a-proxy.md). Written once: from then on the files are the operator's. */
export const trust: Kind<World, Record<never, never>> = {
  async check({ platform }) {
    const lacking = Object.values(trustPaths(platform)).find((path) => !existsSync(path));
    if (lacking !== undefined) return missing(`${lacking} missing`);
    return done((await readFile(trustPaths(platform).extraCa, "utf8")) === "" ? "" : "with extra CA certificates");
  },
  async act({ platform, extraCa, outside }) {
    const paths = trustPaths(platform);
    await mkdir(dataPaths.trust(platform.dataDir), { recursive: true });
    const { dyno, build } = trustSettings(extraCa, outside, [
      `${platform.subnetPrefix}.0.0/16`,
      "localhost",
      "127.0.0.1",
    ]);
    const usual = await readFile(hostBundle, "utf8").catch(() => "");
    await writeDurably(paths.extraCa, extraCa, 0o644);
    await writeDurably(paths.bundle, `${usual.trimEnd()}\n${extraCa}`, 0o644);
    await writeDurably(paths.settings, `${JSON.stringify({ dyno, build }, null, 2)}\n`, 0o600);
  },
};

export function trustPaths(platform: Platform) {
  const folder = dataPaths.trust(platform.dataDir);
  return {
    extraCa: `${folder}/extra-ca.crt`,
    /** The host's usual authorities and the extra ones, for programs on the host. */
    bundle: `${folder}/ca-bundle.crt`,
    settings: `${folder}/env.json`,
  } as const;
}
