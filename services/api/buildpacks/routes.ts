import type { Router } from "express";
import { z } from "zod";
import { findApp } from "../apps/store.ts";
import { handleList } from "../http/handle.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { buildpackUrl, presentBuildpack } from "./present.ts";
import { type BuildpackInstallation, listBuildpacks, replaceBuildpacks } from "./store.ts";

const byOrdinal = { ordinal: (installation: BuildpackInstallation) => installation.ordinal };
const replacement = z.object({
  updates: z.array(z.object({ buildpack: buildpackUrl })).max(limits.buildpacksPerApp),
});

export function buildpackRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps/:app/buildpack-installations",
    handleList(byOrdinal, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return { rows: await listBuildpacks(parts.database, app.id), present: presentInstallation };
    }),
  );
  router.put(
    "/apps/:app/buildpack-installations",
    handleList(byOrdinal, async ({ account, path, body }) => {
      const { updates } = body(replacement);
      const app = await findApp(parts.database, account, path.app ?? "", "configure");
      const urls = updates.map(({ buildpack }) => buildpack);
      return { rows: await replaceBuildpacks(parts.database, app.id, urls), present: presentInstallation };
    }),
  );
}

function presentInstallation({ ordinal, url }: BuildpackInstallation): Record<string, unknown> {
  return { ordinal, buildpack: presentBuildpack(url) };
}
