import { randomUUID } from "node:crypto";
import { pipeline } from "node:stream/promises";
import type { Router } from "express";
import { Problem } from "../../kernel/problem.ts";
import { findApp } from "../apps/store.ts";
import { handle } from "../http/handle.ts";
import type { Links } from "../http/links.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { signSource, verifySource } from "./address.ts";
import { putSource, sourceDigest, sourceRepository } from "./store.ts";

export function sourceRoutes(router: Router, parts: Parts): void {
  router.post(
    "/sources",
    handle(201, async ({ account, links }) => presentSource(parts, links, account.id)),
  );
  router.post(
    "/apps/:app/sources",
    handle(201, async ({ account, path, links }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "build");
      return presentSource(parts, links, app.id);
    }),
  );
}

/** The two capability URLs; they are used without a token, so they stand before authentication. */
export function sourceBlobRoutes(router: Router, { registry, settings }: Parts): void {
  router.put("/_sources/:owner/:id", async (request, response) => {
    const address = verifySource(settings.tokenKey, request.originalUrl, "put", new Date());
    if (address === undefined) throw expired();
    if (Number(request.headers["content-length"] ?? 0) > limits.sourceBytes) {
      throw new Problem("payload_too_large", `The source is over ${limits.sourceBytes / 1024 ** 2} MB.`);
    }
    await putSource(registry, address, request);
    response.status(200).end();
  });
  router.get("/_sources/:owner/:id", async (request, response) => {
    const address = verifySource(settings.tokenKey, request.originalUrl, "get", new Date());
    if (address === undefined) throw expired();
    const blob = await registry.getBlob(sourceRepository(address.ownerId), await sourceDigest(registry, address));
    response.setHeader("content-type", "application/octet-stream");
    await pipeline(blob, response);
  });
}

function expired(): Problem {
  return new Problem("forbidden", "This URL has expired, or it was changed: ask for a new source.");
}

function presentSource({ settings }: Parts, links: Links, ownerId: string): Record<string, unknown> {
  const address = { ownerId, id: randomUUID() };
  const url = (method: "put" | "get") => links.platform(signSource(settings.tokenKey, address, method, new Date()));
  return { source_blob: { get_url: url("get"), put_url: url("put") } };
}
