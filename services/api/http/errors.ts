import type { ErrorRequestHandler, Response } from "express";
import type { Logger } from "../../kernel/log.ts";
import { isUnreachable } from "../../kernel/postgres.ts";
import { Problem, sentence } from "../../kernel/problem.ts";

/** The one place where what was thrown becomes an HTTP answer. A Problem is told as it is, a bug is logged and told as a 500. */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const problem = problemOf(thrown);
    if (problem === undefined || problem.status >= 500) {
      logger.error(`Failed: ${sentence(thrown)}`, {
        method: request.method,
        path: request.path,
        request_id: String(response.getHeader("request-id") ?? ""),
        stack: problem === undefined && thrown instanceof Error ? thrown.stack : undefined,
      });
    }
    // The answer has begun: all that is left is to break it off, so that nobody takes half of it for the whole.
    if (response.headersSent) {
      response.destroy();
      return;
    }
    // A body that was not read to its end would be taken for the next request of this connection.
    if (!request.complete) response.setHeader("connection", "close");
    sendProblem(response, problem);
  };
}

function sendProblem(response: Response, problem: Problem | undefined): void {
  if (problem === undefined) {
    response.status(500).json({ id: "internal_server_error", message: "Internal server error." });
    return;
  }
  const { id, message, resource, status } = problem;
  if (status === 401) response.setHeader("www-authenticate", 'Basic realm="Quine"');
  response.status(status).json(resource === undefined ? { id, message } : { id, message, resource });
}

function problemOf(thrown: unknown): Problem | undefined {
  if (thrown instanceof Problem) return thrown;
  if (isUnreachable(thrown)) {
    return new Problem("service_unavailable", "The platform's database does not answer, please try again.");
  }
  const { type, code } = thrown as { type?: unknown; code?: unknown };
  if (code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET") {
    return new Problem("bad_request", "The connection broke before the body's end.", { cause: thrown });
  }
  // Of the body parser.
  if (type === "entity.too.large") return new Problem("payload_too_large", "The request body is over 1 MB.");
  if (type === "entity.parse.failed") return new Problem("bad_request", "The request body is not JSON.");
  if (typeof type === "string" && /^(request|encoding|charset|entity)\./.test(type)) {
    return new Problem("bad_request", "The request body could not be read.");
  }
  if (thrown instanceof URIError) return new Problem("bad_request", "The URL could not be read.");
  return undefined;
}
