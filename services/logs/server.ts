import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../kernel/log.ts";
import { Problem, sentence } from "../kernel/problem.ts";
import { verifyPath } from "../kernel/signed-url.ts";
import { AppChannels } from "./app-channels.ts";
import { BuildOutputs } from "./build-outputs.ts";
import type { Config } from "./config.ts";
import { readBody, takeBody } from "./intake.ts";
import type { Limits } from "./limits.ts";
import { streamOutput } from "./output-stream.ts";
import { parseSession } from "./session.ts";
import { eventStream, plainText } from "./session-format.ts";
import { streamSession } from "./session-stream.ts";

/** The HTTP face of the service, without its socket. */
export interface LogServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Forgets what is too old, and logs what was refused since the last time. */
  sweep(): void;
}

const identifier = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
const sessionPath = new RegExp(`^/_logs/sessions/${identifier}$`);
const outputPath = new RegExp(`^/_logs/output/${identifier}$`);

/** @param stopping ends the streams when it aborts. */
export function createLogServer(
  config: Config,
  limits: Limits,
  logger: Logger,
  now: () => Date,
  stopping: AbortSignal,
): LogServer {
  const apps = new AppChannels(limits);
  const builds = new BuildOutputs(limits);
  const refusedSinceSweep = new Map<string, number>();
  let intakes = 0;
  let streams = 0;

  return {
    handle(request, response) {
      route(request, response).catch((thrown: unknown) => fail(response, thrown, logger));
    },
    sweep() {
      const at = now().getTime();
      apps.sweep(at);
      builds.sweep(at);
      for (const [reason, count] of refusedSinceSweep) logger.warn("refused log lines", { reason, count });
      refusedSinceSweep.clear();
    },
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? "/";
    const path = url.split("?", 1)[0] ?? "/";
    if (path === "/_logs/intake" && request.method === "POST") return intake(request, response);
    const appId = sessionPath.exec(path)?.[1];
    const buildId = outputPath.exec(path)?.[1];
    if (request.method !== "GET" || (appId === undefined && buildId === undefined)) {
      throw new Problem(
        "not_found",
        "Nothing is here: this host has log sessions and build output, by the URLs the API gives",
      );
    }
    const query = verifyPath(config.urlKey, url, now());
    if (query === undefined)
      throw new Problem("forbidden", "This URL has expired or was changed: ask the API for another");
    if (streams >= limits.streamsMax)
      throw new Problem("service_unavailable", "Too many log streams are open: try later");
    streams++;
    try {
      if (appId !== undefined) await session(appId, query, request, response);
      else if (buildId !== undefined) await output(buildId, response);
    } finally {
      streams--;
    }
  }

  async function intake(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!isSameSecret(token, config.intakeToken))
      throw new Problem("unauthorized", "Cannot take lines: the token is wrong");
    if (intakes >= limits.intakesMax) throw new Problem("service_unavailable", "Too many senders at once: try again");
    intakes++;
    try {
      const body = await readBody(request, limits.intakeBytesMax);
      const { refused } = takeBody(body, { apps, builds }, limits, now().getTime());
      let count = 0;
      for (const [reason, more] of refused) {
        count += more;
        refusedSinceSweep.set(reason, (refusedSinceSweep.get(reason) ?? 0) + more);
      }
      response.writeHead(204, count === 0 ? {} : { "refused-lines": String(count) }).end();
    } finally {
      intakes--;
    }
  }

  async function session(
    appId: string,
    query: Readonly<Record<string, string>>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const session = parseSession(query, limits.linesPerAppMax);
    const lastEventId = request.headers["last-event-id"];
    const resumeAfter =
      typeof lastEventId === "string" && /^\d{1,16}$/.test(lastEventId) ? Number(lastEventId) : undefined;
    if (resumeAfter !== undefined && !session.isTail) {
      // A client that reconnects after the end of a session that has one: 204 tells it to stop.
      response.writeHead(204).end();
      return;
    }
    const channel = apps.open(appId, now().getTime());
    refuseCrowd(channel.readers.size);
    const isEventStream = (request.headers.accept ?? "").includes("text/event-stream");
    const format = isEventStream ? eventStream(session.isTail) : plainText;
    await streamSession({ response, channel, session, format, resumeAfter, limits, now, stopping });
  }

  async function output(buildId: string, response: ServerResponse): Promise<void> {
    const output = builds.open(buildId, now().getTime());
    refuseCrowd(output.readers.size);
    await streamOutput({ response, output, limits, now, stopping });
  }

  function refuseCrowd(readers: number): void {
    if (readers < limits.streamsPerChannelMax) return;
    throw new Problem("rate_limit", `Cannot open the stream: ${readers} are open already, close one`);
  }
}

/** Compares digests, so that neither the content nor the length of the secret shows in the time it takes. */
function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function fail(response: ServerResponse, thrown: unknown, logger: Logger): void {
  if (!(thrown instanceof Problem)) logger.error("bug in a request", { error: sentence(thrown) });
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { id, message, status } =
    thrown instanceof Problem
      ? thrown
      : { id: "internal_server_error", message: "The platform has a fault here", status: 500 };
  // The rest of a refused body is not worth reading.
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(`${JSON.stringify({ id, message })}\n`);
}
