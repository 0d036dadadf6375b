import { randomUUID } from "node:crypto";
import type { Router } from "express";
import { z } from "zod";
import { signPath } from "../../kernel/signed-url.ts";
import { findApp } from "../apps/store.ts";
import { handle } from "../http/handle.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { isoTime } from "../present.ts";

const filter = z.string().max(100).nullish();
const creation = z.object({
  lines: z.number().int().min(0).max(100_000).nullish(),
  tail: z.boolean().nullish(),
  source: filter,
  dyno: filter,
  type: filter,
});

/** A session is a signed URL on the logs app, good for a few minutes; nothing of it is kept here. */
export function logSessionRoutes(router: Router, parts: Parts): void {
  router.post(
    "/apps/:app/log-sessions",
    handle(201, async ({ account, path, body, links }) => {
      const wanted = body(creation);
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      const query: Record<string, string> = {
        lines: String(Math.min(wanted.lines ?? 100, 1500)),
        tail: String(wanted.tail ?? false),
      };
      const dyno = wanted.dyno ?? wanted.type;
      if (wanted.source) query.source = wanted.source;
      if (dyno) query.dyno = dyno;
      const now = new Date();
      const expiresAt = new Date(now.getTime() + limits.logSessionSeconds * 1000);
      return {
        created_at: isoTime(now),
        id: randomUUID(),
        logplex_url: links.platform(signPath(parts.settings.logsKey, `/_logs/sessions/${app.id}`, query, expiresAt)),
        updated_at: isoTime(now),
      };
    }),
  );
}
