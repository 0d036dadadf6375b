import { json, type Router } from "express";
import { Problem } from "../../kernel/problem.ts";
import { isDigest } from "../../kernel/slug.ts";
import { hashToken } from "../../kernel/token.ts";
import { parse } from "../http/handle.ts";
import { linksFor } from "../http/links.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { type BlobKind, createBlobStore } from "./blobs.ts";
import { buildOfToken } from "./build.ts";
import { instructionsOf } from "./instructions.ts";
import { acceptResult, result } from "./result.ts";
import { sendSource } from "./send-source.ts";

/**
 * The build protocol (docs/architecture.md): what the compile dyno asks for and hands in, under `/_build/<id>`. What runs in that dyno
 * is the tenant's code, so its token opens this one build, while it is pending, and nothing else.
 */
export function buildProtocolRoutes(router: Router, parts: Parts): void {
  const blobs = createBlobStore(parts.registry);

  /** @throws Problem not_found for a wrong id or token, conflict when the build is over. */
  const pendingBuild = async (request: { params: { id?: string }; headers: { authorization?: string } }) => {
    const token = /^Bearer ([A-Za-z0-9_-]{1,100})$/.exec(request.headers.authorization ?? "")?.[1];
    const build =
      token === undefined
        ? undefined
        : await buildOfToken(parts.database, request.params.id ?? "", hashToken(parts.settings.tokenKey, token));
    if (build === undefined) throw new Problem("not_found", "Couldn't find that build.", { resource: "build" });
    if (build.status !== "pending") throw new Problem("conflict", "This build is over.");
    return build;
  };

  router.get("/_build/:id", async (request, response) => {
    response.json(await instructionsOf(parts, await pendingBuild(request)));
  });
  router.get("/_build/:id/source", async (request, response) => {
    await sendSource(parts, await pendingBuild(request), response);
  });
  router.head("/_build/:id/blobs/:digest", async (request, response) => {
    const build = await pendingBuild(request);
    const { digest, kind } = blobOf(request.params.digest, request.query.kind);
    response.status((await blobs.has(build, kind, digest)) ? 200 : 404).end();
  });
  router.put("/_build/:id/blobs/:digest", async (request, response) => {
    const build = await pendingBuild(request);
    const { digest, kind } = blobOf(request.params.digest, request.query.kind);
    await blobs.put(build, kind, digest, lengthOf(request.headers["content-length"]), request);
    response.status(201).end();
  });
  router.post("/_build/:id/result", json({ limit: limits.jsonBytes, type: () => true }), async (request, response) => {
    const build = await pendingBuild(request);
    const links = linksFor(parts.settings, "http");
    response.json(await acceptResult(parts, build, parse(result, request.body), links));
    blobs.forget(build.id);
  });
}

function blobOf(digest: string | undefined, kind: unknown): { digest: string; kind: BlobKind } {
  if (digest === undefined || !isDigest(digest)) throw new Problem("not_found", "A blob's name is its sha256 digest.");
  if (kind !== "slug" && kind !== "cache") throw new Problem("bad_request", "kind must be slug or cache.");
  return { digest, kind };
}

function lengthOf(header: string | undefined): number {
  if (header !== undefined && /^\d{1,15}$/.test(header)) return Number(header);
  throw new Problem("bad_request", "A blob needs a Content-Length.");
}
