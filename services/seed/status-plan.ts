import type { Platform } from "../kernel/platform.ts";
import { systemApps } from "../kernel/system-apps.ts";
import { frontUrl } from "./addresses.ts";

/** What was seen of a platform from the host. */
export interface StatusFacts {
  readonly now: Date;
  readonly engine: { readonly version: string } | { readonly reason: string };
  readonly isBooted: boolean;
  readonly dynos: readonly {
    readonly container: string;
    readonly app: string;
    readonly name: string;
    readonly release: string;
    readonly isRunning: boolean;
    readonly exitStatus: number | undefined;
    readonly startedAt: Date | undefined;
  }[];
  readonly hasIngress: boolean;
  /** What came back for a request with the owner's token, which the API looks up in the database: 200 when all is well. */
  readonly front: { readonly status: number } | { readonly reason: string };
  readonly usedBytes: number;
  readonly freeBytes: number;
}

/** Below this no build is safe. */
const freeBytesMin = 1_000_000_000;

/** What to print, and what is wrong, each with what to do about it. */
export function planStatus(platform: Platform, facts: StatusFacts): { lines: string[]; problems: string[] } {
  const isSeen = "version" in facts.engine;
  const parts = !isSeen ? [] : systemApps.filter((app) => app.quantity > 0).map((app) => partLine(app.name, facts));
  const others = facts.dynos.filter((dyno) => dyno.isRunning && !systemApps.some((app) => app.name === dyno.app));
  return {
    lines: [
      `${"platform".padEnd(10)} ${platform.name}, ${frontUrl(platform)}, TLS on port ${platform.httpsPort}`,
      `${"engine".padEnd(10)} ${"version" in facts.engine ? `Docker ${facts.engine.version}` : "cannot be asked"} at ${platform.engineSocket}`,
      ...parts,
      ...(isSeen ? [`${"apps".padEnd(10)} ${others.length} ${others.length === 1 ? "dyno" : "dynos"} running`] : []),
      `${"answers".padEnd(10)} ${isWell(facts) ? "yes" : "no"}`,
      `${"disk".padEnd(10)} ${gigabytes(facts.usedBytes)} in ${platform.dataDir}, ${gigabytes(facts.freeBytes)} free`,
    ],
    problems: problemsOf(platform, facts),
  };
}

function partLine(name: string, facts: StatusFacts): string {
  const dynos = facts.dynos.filter((dyno) => dyno.app === name);
  const running = dynos.filter((dyno) => dyno.isRunning);
  const words =
    running.length > 0
      ? running.map((dyno) => `${dyno.name} up ${age(facts.now, dyno.startedAt)} on v${dyno.release}`).join(", ")
      : dynos[0] === undefined
        ? "not running"
        : `ended with status ${dynos[0].exitStatus ?? "unknown"}`;
  return `${name.padEnd(10)} ${words}`;
}

function isWell(facts: StatusFacts): boolean {
  return "status" in facts.front && facts.front.status === 200;
}

/** First what everything else follows from: a machine without an engine has no dynos, and to say so twice helps nobody. */
function problemsOf(platform: Platform, facts: StatusFacts): string[] {
  if ("reason" in facts.engine) return [facts.engine.reason];
  const problems: string[] = [];
  const stopped = systemApps.filter(
    (app) => app.quantity > 0 && !facts.dynos.some((dyno) => dyno.app === app.name && dyno.isRunning),
  );
  const isAllStopped = !facts.dynos.some((dyno) => dyno.isRunning);
  if (!facts.isBooted) problems.push("The first start is not over: go on with bin/quine up");
  else if (isAllStopped) problems.push("The platform is down: start it with bin/quine up");
  else if (stopped.some((app) => app.name === "runtime"))
    problems.push("The runtime does not run, so nothing is started or kept: start it with bin/quine up");
  else if (!facts.hasIngress) problems.push("The ingress does not run, so no port is open: start it with bin/quine up");
  else if (stopped.length > 0)
    problems.push(
      `${stopped.map((app) => app.name).join(", ")} not running: the runtime starts them again; why they ended: docker logs ${tellingContainer(facts, stopped[0]?.name)}`,
    );
  else if (!isWell(facts))
    problems.push(
      `The platform's parts run, but ${"reason" in facts.front ? `nothing answers (${facts.front.reason})` : `it answers ${facts.front.status}`}: ` +
        `look at docker logs ${tellingContainer(facts, "router")} and ${tellingContainer(facts, "api")}, or restart all with bin/quine down and up`,
    );
  if (facts.freeBytes < freeBytesMin)
    problems.push(
      `Only ${gigabytes(facts.freeBytes)} are free where ${platform.dataDir} is: make room before builds fail`,
    );
  return problems;
}

/** The container whose output says why a part is not there: its own last one, else the runtime's, which could not start it. */
function tellingContainer(facts: StatusFacts, app: string | undefined): string {
  const own = facts.dynos.findLast((dyno) => dyno.app === app);
  return (own ?? facts.dynos.find((dyno) => dyno.app === "runtime"))?.container ?? "of the runtime";
}

function age(now: Date, since: Date | undefined): string {
  if (since === undefined) return "";
  const seconds = Math.max(0, Math.round((now.getTime() - since.getTime()) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
