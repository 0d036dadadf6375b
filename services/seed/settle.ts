import type { Platform } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";

/** What a person asked for; undefined where nothing was said. */
export type Wanted = {
  readonly [K in "name" | "dataDir" | "httpPort" | "httpsPort" | "bindAddress" | "domain" | "subnetPrefix"]:
    | Platform[K]
    | undefined;
};

export const defaults = {
  name: "quine",
  dataDir: "/var/lib/quine",
  domain: "localhost",
  httpPort: 8080,
  httpsPort: 8443,
  bindAddress: "127.0.0.1",
} as const;

const flagOf: { readonly [K in keyof Wanted]: string } = {
  name: "--name",
  dataDir: "--data",
  httpPort: "--port",
  httpsPort: "--tls-port",
  bindAddress: "--bind",
  domain: "--domain",
  subnetPrefix: "--subnet",
};

/**
 * A platform keeps what it was made with; what is asked for now must agree.
 * @param found what was chosen for a new platform from the state of the machine.
 * @throws Problem conflict naming each contradiction.
 */
export function settlePlatform(
  wanted: Wanted,
  saved: Platform | undefined,
  found: Pick<Platform, "subnetPrefix" | "stackImage" | "engineSocket">,
): Platform {
  if (saved === undefined) {
    const platform = { ...defaults, ...found, ...said(wanted) };
    if (platform.httpPort === platform.httpsPort)
      throw new Problem("bad_request", `--port and --tls-port are both ${platform.httpPort}: give two different ports`);
    return platform;
  }
  const fields = Object.keys(flagOf) as (keyof Wanted)[];
  const contradictions = fields
    .filter((field) => wanted[field] !== undefined && wanted[field] !== saved[field])
    .map((field) => `${flagOf[field]} ${wanted[field]} (it has ${saved[field]})`);
  if (contradictions.length > 0)
    throw new Problem(
      "conflict",
      `The platform in ${saved.dataDir} was made otherwise than ${contradictions.join(", ")}: leave the flag out, ` +
        "give another --data folder for a second platform, or remove this one with bin/quine destroy",
    );
  return saved;
}

function said(wanted: Wanted): Partial<Platform> {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}
