import type { Settings } from "../config.ts";

/** Absolute URLs as the world sees them, in the scheme the client itself came by. */
export interface Links {
  /** A path on the platform's own host. */
  platform(path: string): string;
  /** Where an app answers. */
  app(name: string): string;
  git(name: string): string;
}

/** @param scheme what the router saw; hosts come from the settings alone, never from a header of the request. */
export function linksFor(settings: Settings, scheme: "http" | "https"): Links {
  const port = scheme === "https" ? settings.httpsPort : settings.httpPort;
  const suffix = port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`;
  const platform = (path: string) => `${scheme}://${settings.domain}${suffix}${path}`;
  return {
    platform,
    app: (name) => `${scheme}://${name}.${settings.domain}${suffix}/`,
    git: (name) => platform(`/${name}.git`),
  };
}
