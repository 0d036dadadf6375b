import type { Router } from "express";
import { z } from "zod";
import { findApp } from "../apps/store.ts";
import { handle } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { findRelease } from "../releases/release.ts";
import { changeConfig, readConfig, readReleaseConfig } from "./apply.ts";

const patch = z.record(z.string(), z.string().nullable());

export function configVarRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps/:app/config-vars",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "configure");
      return readConfig(parts, parts.database, app.id);
    }),
  );
  router.patch(
    "/apps/:app/config-vars",
    handle(200, async ({ account, path, body }) => {
      const wanted = body(patch);
      const app = await findApp(parts.database, account, path.app ?? "", "configure");
      return changeConfig(parts, account, app, wanted);
    }),
  );
  router.get(
    "/apps/:app/releases/:release/config-vars",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "configure");
      const release = await findRelease(parts.database, app.id, path.release ?? "");
      return readReleaseConfig(parts, release.id);
    }),
  );
}
