import http from "node:http";
import type { Logger } from "../../kernel/log.ts";
import { Problem, sentence } from "../../kernel/problem.ts";
import type { App } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import { type PushLine, pushSteps } from "../push/apply.ts";
import type { HookServer } from "../push/hook-server.ts";
import { loadSettled } from "../push/settle.ts";
import type { RepositoryCache } from "../repository/cache.ts";
import type { Home } from "../repository/home.ts";
import { serveExchange, type Traffic } from "./backend.ts";
import { type GitRequest, parseGitRequest, parseProtocol, parseToken } from "./route.ts";
import type { Slots } from "./slots.ts";

export interface Front {
  readonly api: Api;
  readonly home: Home;
  readonly cache: RepositoryCache;
  readonly hooks: HookServer;
  readonly line: PushLine;
  readonly logger: Logger;
  readonly receives: Slots;
  readonly reads: Slots;
  readonly pushBytesMax: number;
  readonly pushTimeLimitMs: number;
  readonly readTimeLimitMs: number;
  /** Ends git itself, some time after `line.stopped` has ended what pushes wait for. */
  readonly killed: AbortSignal;
}

/** Bodies of everything but a push: what a fetch wants and has. */
const readBytesMax = 32 * 1024 * 1024;
/** What the protocol adds to a pack; beyond it git's own limit, whose words are better, has failed to speak. */
const pushOverheadBytes = 8 * 1024 * 1024;

/** One server for the three requests of git's smart HTTP; anything else is a 404. */
export function createFrontServer(front: Front): http.Server {
  const server = http.createServer((request, response) => {
    const startedAt = Date.now();
    const route = parseGitRequest(request.method ?? "", request.url ?? "");
    serve(front, route, request, response)
      .catch((error: unknown) => refuse(front, request, response, error))
      .then((traffic) => {
        front.logger.info(`${request.method} ${route === undefined ? "(unknown)" : `${route.service} ${route.step}`}`, {
          app: route?.appName,
          status: response.statusCode,
          bytes_in: traffic?.bytesIn,
          bytes_out: traffic?.bytesOut,
          cut: traffic?.cut,
          duration_ms: Date.now() - startedAt,
          request_id: requestId(request),
        });
      })
      .catch((error: Error) => front.logger.error("Bug: a request ended with an error", { error: error.stack }));
  });
  server.headersTimeout = 30_000;
  // Time to send a whole push; who stays silent meanwhile is cut off much sooner (backend.ts).
  server.requestTimeout = front.pushTimeLimitMs;
  // Longer than the router keeps an idle connection, so that it never sends into one that is just being closed.
  server.keepAliveTimeout = 75_000;
  server.maxConnections = 512;
  return server;
}

async function serve(
  front: Front,
  route: GitRequest | undefined,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<Traffic | undefined> {
  if (route === undefined) throw new Problem("not_found", "Not found: this host serves git repositories at /<app>.git");
  const token = parseToken(request.headers.authorization);
  if (token === undefined) throw new Problem("unauthorized", "Log in, or give an API token as the password");
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > bodyLimit(front, route)) throw new Problem("payload_too_large", tooLargeToPush(front));
  const app = await front.api.app(route.appName, token);

  if (route.service === "git-receive-pack" && route.step === "exchange")
    return front.receives.hold(app.id, () => receive(front, route, app, token, request, response));
  return front.reads.hold(app.id, () =>
    front.cache.read(
      app.id,
      () => loadSettled(front.line, app, token),
      () => exchange(front, route, app, request, response, {}, front.readTimeLimitMs),
    ),
  );
}

function receive(
  front: Front,
  route: GitRequest,
  app: App,
  token: string,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<Traffic> {
  return front.cache.receive(
    app.id,
    () => loadSettled(front.line, app, token),
    (repository, moved) =>
      front.hooks.expect(repository.path, pushSteps(front.line, { app, token, repository, moved }), (id) =>
        exchange(front, route, app, request, response, { QUINE_PUSH: id }, front.pushTimeLimitMs),
      ),
  );
}

function exchange(
  front: Front,
  route: GitRequest,
  app: App,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  extra: Readonly<Record<string, string>>,
  timeLimitMs: number,
): Promise<Traffic> {
  return serveExchange({
    request,
    response,
    route,
    repository: `/${app.id}.git`,
    protocol: parseProtocol(request.headers["git-protocol"]),
    environment: { ...front.home.environment, ...extra },
    bodyBytesMax: bodyLimit(front, route),
    timeLimitMs,
    signal: front.killed,
  });
}

function bodyLimit(front: Front, route: GitRequest): number {
  return route.service === "git-receive-pack" ? front.pushBytesMax + pushOverheadBytes : readBytesMax;
}

function tooLargeToPush({ pushBytesMax }: Front): string {
  return `The push is larger than ${Math.floor(pushBytesMax / 1_048_576)} MB: push less at a time`;
}

/** The one place where errors become HTTP. Git shows a plain text body of a refused ref listing as `remote:` lines. */
function refuse(front: Front, request: http.IncomingMessage, response: http.ServerResponse, error: unknown): undefined {
  const problem =
    error instanceof Problem ? error : new Problem("service_unavailable", "The platform failed: try again");
  if (problem !== error || problem.id === "service_unavailable") {
    const detail = error instanceof Error && problem !== error ? error.stack : sentence(error);
    front.logger.error("Cannot serve a request", { error: detail });
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const headers: http.OutgoingHttpHeaders = {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-cache",
  };
  if (problem.status === 401) headers["www-authenticate"] = 'Basic realm="Quine"';
  if (problem.status === 503 || problem.status === 429) headers["retry-after"] = "10";
  // A body that nobody will read: the connection is not worth keeping for it.
  if (!request.complete) headers.connection = "close";
  response.writeHead(problem.status, headers);
  response.end(`${problem.message}\n`);
}

function requestId(request: http.IncomingMessage): string | undefined {
  const id = request.headers["x-request-id"];
  return typeof id === "string" && /^[A-Za-z0-9-]{20,200}$/.test(id) ? id : undefined;
}
