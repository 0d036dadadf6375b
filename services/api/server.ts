import http from "node:http";
import express, { Router } from "express";
import { Problem } from "../kernel/problem.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { appRoutes } from "./apps/routes.ts";
import { surroundingRoutes } from "./apps/surroundings.ts";
import { buildpackRoutes } from "./buildpacks/routes.ts";
import { buildProtocolRoutes } from "./builds/protocol.ts";
import { buildRoutes } from "./builds/routes.ts";
import { catalogueRoutes } from "./catalogue/routes.ts";
import { configVarRoutes } from "./config-vars/routes.ts";
import { domainRoutes } from "./domains/routes.ts";
import { dynoRoutes } from "./dynos/routes.ts";
import { formationRoutes } from "./formation/routes.ts";
import { authenticate, tellRequests } from "./http/conventions.ts";
import { errorHandler } from "./http/errors.ts";
import { RateLimit } from "./http/rate-limit.ts";
import { limits } from "./limits.ts";
import { logSessionRoutes } from "./log-sessions/routes.ts";
import type { Parts } from "./parts.ts";
import { releaseRoutes } from "./releases/routes.ts";
import { slugRoutes } from "./slugs/routes.ts";
import { sourceBlobRoutes, sourceRoutes } from "./sources/routes.ts";

/** The HTTP server, not listening yet. In this order: what has credentials of its own, then authentication, then bodies, then the API. */
export function createServer(parts: Parts): http.Server {
  const app = express();
  app.disable("x-powered-by");
  app.set("json spaces", 2);
  app.set("query parser", "simple");
  app.use(tellRequests(parts));

  const capabilities = Router({ caseSensitive: true });
  sourceBlobRoutes(capabilities, parts);
  buildProtocolRoutes(capabilities, parts);
  app.use(capabilities);

  app.use(authenticate(parts, new RateLimit()));
  app.use(express.json({ limit: limits.jsonBytes, type: () => true }));

  const api = Router({ caseSensitive: true });
  accountRoutes(api);
  appRoutes(api, parts);
  configVarRoutes(api, parts);
  formationRoutes(api, parts);
  dynoRoutes(api, parts);
  releaseRoutes(api, parts);
  slugRoutes(api, parts);
  sourceRoutes(api, parts);
  buildRoutes(api, parts);
  buildpackRoutes(api, parts);
  domainRoutes(api, parts);
  logSessionRoutes(api, parts);
  surroundingRoutes(api, parts);
  catalogueRoutes(api, parts);
  app.use(api);

  app.use(() => {
    throw new Problem("not_found", "The requested API endpoint was not found.");
  });
  app.use(errorHandler(parts.logger));

  const server = http.createServer({ maxHeaderSize: limits.headerBytes, requestTimeout: 600_000 }, app);
  // A router keeps connections to its dynos; it, not we, closes them.
  server.keepAliveTimeout = 75_000;
  return server;
}
