import { randomUUID } from "node:crypto";
import type { RequestHandler } from "express";
import { Problem } from "../../kernel/problem.ts";
import { accountOfToken } from "../accounts/account.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { acceptVersion } from "./accept.ts";
import { tokenOf } from "./credentials.ts";
import type { Caller } from "./handle.ts";
import { linksFor } from "./links.ts";
import type { RateLimit } from "./rate-limit.ts";

/** On every answer: a Request-Id (the router's, so that both logs can be laid side by side), and one log line when it is done. */
export function tellRequests(parts: Parts): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const given = request.headers["x-request-id"];
    const id = typeof given === "string" && /^[A-Za-z0-9-]{20,200}$/.test(given) ? given : randomUUID();
    // Some clients add `no-cache` to a conditional request; here is the origin, where nothing is stale, and a 304 is right.
    delete request.headers["cache-control"];
    response.setHeader("request-id", id);
    response.setHeader("cache-control", "private, no-cache");
    response.setHeader("vary", "Authorization, Accept-Encoding");
    response.on("close", () => {
      parts.logger.info(`${request.method} ${request.path}`, {
        status: response.statusCode,
        service: `${Math.round(performance.now() - startedAt)}ms`,
        account: (response.locals as Partial<Caller>).account?.email,
        request_id: id,
      });
    });
    next();
  };
}

/** Who asks: nothing of the Platform API is answered without a token and a version. */
export function authenticate(parts: Parts, rateLimit: RateLimit): RequestHandler {
  return async (request, response, next) => {
    const token = tokenOf(request.headers.authorization);
    const account = token === undefined ? undefined : await accountOfToken(parts, token);
    if (account === undefined) throw new Problem("unauthorized", "Invalid credentials provided.");
    acceptVersion(request.headers.accept);
    const { remaining, isAllowed } = rateLimit.take(account.id, Date.now());
    response.setHeader("ratelimit-remaining", remaining);
    response.setHeader("ratelimit-multiplier", 1);
    response.setHeader("oauth-scope", "global");
    response.setHeader("oauth-scope-accepted", "global");
    if (!isAllowed) {
      throw new Problem(
        "rate_limit",
        `Your account reached the API rate limit; ${limits.rateTokensPerMinute} requests are given back a minute.`,
      );
    }
    // The router alone sets this header; clients cannot.
    const scheme = request.headers["x-forwarded-proto"] === "https" ? "https" : "http";
    response.locals = { account, links: linksFor(parts.settings, scheme) } satisfies Caller;
    next();
  };
}
