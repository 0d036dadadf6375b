import { once } from "node:events";
import http from "node:http";
import type { Readable } from "node:stream";
import { Problem } from "../../kernel/problem.ts";
import { parseMessage } from "./answers.ts";

/** Plain HTTP to the API through the router: the only file of the service that speaks to it. */
export interface Client {
  /** @returns the parsed body of a 2xx. @throws Problem with the API's own words and status; service_unavailable when it does not answer. */
  json(method: "GET" | "POST", path: string, token: string, options?: JsonOptions): Promise<unknown>;
  /** Sends a file to a capability URL, without the token. @throws Problem. */
  put(url: string, bytes: number, body: Readable, signal: AbortSignal): Promise<void>;
  /** Opens a capability URL, without the token. The caller reads or destroys it. @throws Problem. */
  open(url: string, signal: AbortSignal): Promise<Readable>;
}

export interface JsonOptions {
  readonly body?: unknown;
  /** Which part of a list, and in which order. */
  readonly range?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const jsonBytesMax = 1024 * 1024;
const timeoutMs = 30_000;
/** A build may be silent for as long as it may run. */
const streamSilenceMs = 1_800_000;

export function createClient(apiUrl: string): Client {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

  const send = async (
    url: URL,
    options: http.RequestOptions,
    body: Readable | string | undefined,
  ): Promise<http.IncomingMessage> => {
    const request = http.request(url, { agent, ...options });
    request.setTimeout(options.timeout ?? timeoutMs, () => request.destroy(new Error("no answer in time")));
    const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
    answered.catch(() => {});
    if (typeof body === "string" || body === undefined) request.end(body);
    else {
      body.on("error", (error) => request.destroy(error));
      body.pipe(request);
    }
    try {
      const [response] = await answered;
      return response;
    } catch (cause) {
      throw new Problem("service_unavailable", "The platform's API does not answer: try again in a minute", { cause });
    }
  };

  return {
    async json(method, path, token, options = {}) {
      const text = options.body === undefined ? undefined : JSON.stringify(options.body);
      const headers: http.OutgoingHttpHeaders = {
        accept: "application/vnd.heroku+json; version=3",
        authorization: `Bearer ${token}`,
        "user-agent": "quine-git",
      };
      if (options.range !== undefined) headers.range = options.range;
      if (text !== undefined) {
        headers["content-type"] = "application/json";
        headers["content-length"] = Buffer.byteLength(text);
      }
      const response = await send(
        throughApi(apiUrl, path),
        { method, headers, signal: options.signal, timeout: options.timeoutMs },
        text,
      );
      return succeed(response.statusCode ?? 0, await readJson(response));
    },
    async put(url, bytes, body, signal) {
      const response = await send(
        throughApi(apiUrl, url),
        { method: "PUT", headers: { "content-length": bytes }, signal, timeout: 300_000 },
        body,
      );
      succeed(response.statusCode ?? 0, await readJson(response));
    },
    async open(url, signal) {
      const response = await send(
        throughApi(apiUrl, url),
        { method: "GET", signal, timeout: streamSilenceMs },
        undefined,
      );
      if (response.statusCode !== 200) succeed(response.statusCode ?? 0, await readJson(response));
      return response;
    },
  };
}

/**
 * URLs that the API hands out name the platform as the world sees it, which a dyno may not reach: the same path and query is asked
 * of the API's own address. Nothing else of the URL is used, so no answer can send this service, or a token, to another host.
 */
export function throughApi(apiUrl: string, url: string): URL {
  const given = new URL(url, apiUrl);
  const target = new URL(apiUrl);
  target.pathname = given.pathname;
  target.search = given.search;
  return target;
}

/** Undefined where the body is no JSON: capability URLs answer with nothing, proxies with pages. */
async function readJson(response: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > jsonBytesMax) throw new Error("the answer is too long");
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new Problem("service_unavailable", "The platform's API broke off its answer: try again in a minute", {
      cause,
    });
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}

function succeed(status: number, body: unknown): unknown {
  if (status >= 200 && status < 300) return body;
  const said = parseMessage(body);
  const [id, words] = refusals.find(([known]) => known === status)?.slice(1) ?? [
    "service_unavailable",
    `The platform's API answered ${status}: try again in a minute`,
  ];
  throw new Problem(id as Problem["id"], said ?? String(words));
}

const refusals: readonly [status: number, id: Problem["id"], words: string][] = [
  [400, "bad_request", "The API refused the request"],
  [401, "unauthorized", "Invalid credentials: log in again, or give an API token as the password"],
  [403, "forbidden", "You do not have access to this app"],
  [404, "not_found", "No such app, or you do not have access to it"],
  [409, "conflict", "Another build of this app is running: wait for it, or cancel it"],
  [410, "gone", "It is gone"],
  [413, "payload_too_large", "The source is too large"],
  [422, "invalid_params", "The API refused the request"],
  [429, "rate_limit", "Too many requests: try again in a minute"],
];
