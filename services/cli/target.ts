import { readFile } from "node:fs/promises";
import { Problem } from "../kernel/problem.ts";
import type { Settings } from "./config.ts";

/** Which platform, and as whom. */
export interface Target {
  /** Origin of the API, e.g. `http://localhost:8080`. */
  readonly origin: string;
  readonly token: string;
}

/** @throws Problem when neither the environment nor the file tells. */
export async function findTarget(settings: Settings): Promise<Target> {
  if (settings.host !== undefined && settings.token !== undefined) {
    return { origin: originOf(settings.host), token: settings.token };
  }
  // A token is only for the host it came with: with a host from elsewhere the file's is not used.
  if (settings.host !== undefined) {
    throw new Problem("unauthorized", `HEROKU_HOST is set but HEROKU_API_KEY is not: set both, or neither`);
  }
  const file = await readTarget(settings.cliFile);
  return { origin: originOf(file.host), token: settings.token ?? file.token };
}

/** The API's origin, without asking for a token: enough to recognise git remotes. Undefined when it cannot be told. */
export async function findOrigin(settings: Settings): Promise<string | undefined> {
  if (settings.host !== undefined) return originOf(settings.host);
  return await readTarget(settings.cliFile).then(
    ({ host }) => originOf(host),
    () => undefined,
  );
}

/** A URL is taken as it is; a bare name is Heroku's way to say `https://api.NAME`. @throws Problem */
function originOf(host: string): string {
  const text = /^https?:\/\//.test(host) ? host : `https://api.${host}`;
  if (!URL.canParse(text)) throw new Problem("bad_request", `HEROKU_HOST is no host: ${JSON.stringify(host)}`);
  return new URL(text).origin;
}

async function readTarget(path: string): Promise<{ host: string; token: string }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EACCES") {
      throw new Problem(
        "forbidden",
        `Cannot read ${path}: it is for root.\nUse sudo, or have root print your shell's lines with: quine env`,
      );
    }
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new Problem(
      "not_found",
      `No platform is known here: ${path} does not exist.\nBring one up with: quine up — or set HEROKU_HOST and HEROKU_API_KEY.`,
    );
  }
  const value: unknown = parse(text);
  const { host, token } = (value ?? {}) as { host?: unknown; token?: unknown };
  if (typeof host !== "string" || typeof token !== "string") {
    throw new Problem(
      "bad_request",
      `Cannot use ${path}: host or token is missing.\nHave it written again with: quine up`,
    );
  }
  return { host, token };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
