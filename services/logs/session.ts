import { Problem } from "../kernel/problem.ts";
import type { Filter } from "./filter.ts";

/** What a log session's signed URL asks for. */
export interface Session {
  readonly filter: Filter;
  /** How many of the last lines to begin with. */
  readonly lines: number;
  readonly isTail: boolean;
}

/** @throws Problem bad_request: the URL is signed, so this is the signer's mistake. */
export function parseSession(query: Readonly<Record<string, string>>, linesMax: number): Session {
  const { lines = "100", tail = "false", source, dyno } = query;
  if (!/^\d{1,6}$/.test(lines)) throw bad("lines");
  if (!/^(true|false|1|0)$/.test(tail)) throw bad("tail");
  if (source !== undefined && source !== "app" && source !== "heroku") throw bad("source");
  if (dyno !== undefined && !/^[A-Za-z0-9_-]{1,64}(\.[0-9]{1,10})?$/.test(dyno)) throw bad("dyno");
  return {
    filter: { ...(source === undefined ? {} : { source }), ...(dyno === undefined ? {} : { dyno }) },
    lines: Math.min(Number(lines), linesMax),
    isTail: tail === "true" || tail === "1",
  };
}

function bad(name: string): Problem {
  return new Problem("bad_request", `Cannot open the log session: ${name} has an unknown value`);
}
