import type { Remote } from "./git.ts";
import { UsageProblem } from "./usage-problem.ts";

/** The app a remote's URL names, if it is one of the platform's. Ports are not compared: the platform has two that do the same. */
export function appOfUrl(url: string, hosts: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, pathname } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  return hosts.includes(hostname) ? /^\/([a-z][a-z0-9-]{1,28}[a-z0-9])\.git\/?$/.exec(pathname)?.[1] : undefined;
}

/** Host names under which the platform takes pushes. @param origin of the API @param gitHost host and port, when set apart */
export function gitHosts(origin: string | undefined, gitHost: string | undefined): string[] {
  const hosts: string[] = [];
  if (gitHost !== undefined && URL.canParse(`http://${gitHost}`)) hosts.push(new URL(`http://${gitHost}`).hostname);
  if (origin === undefined) return hosts;
  const { hostname } = new URL(origin);
  const domain = hostname.replace(/^api\./, "");
  return [...hosts, hostname, domain, `git.${domain}`];
}

/**
 * Heroku's rule: the named remote, else the one app all of the platform's remotes name.
 * @param named -r, or git's setting `heroku.remote`
 * @throws UsageProblem when there is none, or more than one.
 */
export function appOfRemotes(remotes: readonly Remote[], hosts: readonly string[], named: string | undefined): string {
  const ours = remotes.flatMap((remote) => {
    const app = appOfUrl(remote.url, hosts);
    return app === undefined ? [] : [{ name: remote.name, app }];
  });
  if (named !== undefined) {
    const app = ours.find((remote) => remote.name === named)?.app;
    if (app !== undefined) return app;
    throw new UsageProblem(`The git remote ${named} is not one of the platform's.\nName the app with -a APP.`);
  }
  const [first, ...others] = new Set(ours.map((remote) => remote.app));
  if (first === undefined) {
    throw new UsageProblem(
      "Which app? Name it with -a APP, set HEROKU_APP, or run this in a git repository that has its remote.",
    );
  }
  if (others.length === 0) return first;
  const list = ours.map((remote) => `${remote.app} (${remote.name})`).join(", ");
  throw new UsageProblem(`Which app? The git remotes here name several: ${list}.\nName one with -a APP or -r REMOTE.`);
}
