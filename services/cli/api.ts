import { Problem, sentence } from "../kernel/problem.ts";
import { Fields } from "./fields.ts";
import type { Target } from "./target.ts";

/** The Platform API, as much of it as the commands use. Paths are made with {@link path}. */
export interface Api {
  readonly origin: string;
  /** @throws Problem with the platform's words. */
  get(path: string): Promise<Fields>;
  /** Undefined for a 404. */
  find(path: string): Promise<Fields | undefined>;
  /** All of a list, page by page. @param range e.g. `version ..; order=desc,max=15`: then one page only. */
  list(path: string, range?: string): Promise<Fields[]>;
  send(method: "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer>;
}

export interface Answer {
  readonly one: Fields;
  readonly many: Fields[];
}

const timeoutMs = 60_000;
const pagesMax = 100;

/** A path of the API with its variable parts escaped: path`/apps/${name}/dynos`. */
export function path(fixed: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return fixed.reduce((whole, text, index) => `${whole}${encodeURIComponent(parts[index - 1] ?? "")}${text}`);
}

export function connectApi(target: Target): Api {
  async function ask(
    method: string,
    where: string,
    options: { body?: unknown; range?: string } = {},
  ): Promise<Response> {
    const headers: Record<string, string> = {
      accept: "application/vnd.heroku+json; version=3",
      authorization: `Bearer ${target.token}`,
    };
    if (options.body !== undefined) headers["content-type"] = "application/json";
    if (options.range !== undefined) headers.range = options.range;
    let response: Response;
    try {
      response = await fetch(target.origin + where, {
        method,
        headers,
        body: options.body === undefined ? null : JSON.stringify(options.body),
        // The token must not go anywhere else.
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (cause) {
      throw unreachable(target.origin, cause);
    }
    if (response.ok) return response;
    throw await problemOf(response, target.origin);
  }

  return {
    origin: target.origin,
    async get(where) {
      return new Fields(await json(await ask("GET", where), where), `GET ${where}`);
    },
    async find(where) {
      return await this.get(where).catch((thrown: unknown) => {
        if (thrown instanceof Problem && thrown.id === "not_found") return undefined;
        throw thrown;
      });
    },
    async list(where, range) {
      const all: Fields[] = [];
      let next = range;
      for (let page = 0; page < pagesMax; page++) {
        const response = await ask("GET", where, next === undefined ? {} : { range: next });
        all.push(...listOf(await json(response, where), `GET ${where}`));
        next = response.headers.get("next-range") ?? undefined;
        if (next === undefined || range !== undefined) break;
      }
      return all;
    },
    async send(method, where, body) {
      const value = await json(await ask(method, where, body === undefined ? {} : { body }), where);
      const what = `${method} ${where}`;
      return {
        get one() {
          return new Fields(value, what);
        },
        get many() {
          return listOf(value, what);
        },
      };
    },
  };
}

async function json(response: Response, where: string): Promise<unknown> {
  const text = await response.text();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem("service_unavailable", `The answer to ${where} is no JSON: is this the platform's API?`, {
      cause,
    });
  }
}

function listOf(value: unknown, where: string): Fields[] {
  if (!Array.isArray(value)) throw new Error(`The platform's answer to ${where} is no list`);
  return value.map((one) => new Fields(one, where));
}

function unreachable(origin: string, cause: unknown): Problem {
  // Of fetch's own "fetch failed" only the cause says something.
  const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const code = (reason as { code?: unknown } | undefined)?.code;
  const words =
    code === "ECONNREFUSED"
      ? "nothing listens there"
      : (sentence(reason).split("\n")[0] ?? "") || String(code ?? "unknown");
  return new Problem(
    "service_unavailable",
    `Cannot reach the platform at ${origin}: ${words}.\nSee what runs with: quine status`,
    {
      cause,
    },
  );
}

/** The platform's own words where it has some, and what to do where they don't say it. */
async function problemOf(response: Response, origin: string): Promise<Problem> {
  const text = await response.text().catch(() => "");
  let message: string | undefined;
  let id: string | undefined;
  try {
    const body = JSON.parse(text) as { id?: unknown; message?: unknown } | null;
    if (typeof body?.message === "string") message = body.message;
    if (typeof body?.id === "string") id = body.id;
  } catch {
    // A page of a proxy between, or of the router when the API is down.
  }
  switch (response.status) {
    case 401:
      return new Problem(
        "unauthorized",
        `The platform at ${origin} refuses the token.\nSet HEROKU_API_KEY to a good one: quine env prints it.`,
      );
    case 404:
      return new Problem("not_found", message ?? `There is no such thing at ${origin}: is it the platform's API?`);
    case 409:
      return new Problem("conflict", message ?? "Something else is going on there: try again.");
    case 429:
      return new Problem("rate_limit", message ?? "Too many requests: wait a minute.");
    default:
      if (message !== undefined && response.status < 500) return new Problem(knownId(id), message);
      return new Problem(
        "service_unavailable",
        `${message ?? `The platform at ${origin} answered with status ${response.status}.`}\nSee what runs with: quine status`,
      );
  }
}

function knownId(id: string | undefined): "forbidden" | "invalid_params" | "bad_request" {
  return id === "forbidden" || id === "invalid_params" ? id : "bad_request";
}
