import type { Router } from "express";
import { z } from "zod";
import { findApp } from "../apps/store.ts";
import { buildpackUrl } from "../buildpacks/present.ts";
import { type Call, handle, handleList, printable } from "../http/handle.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { isoTime } from "../present.ts";
import { type Build, findBuild, listBuilds } from "./build.ts";
import { cancelBuild } from "./cancel.ts";
import { createBuild } from "./create.ts";
import { presentBuild } from "./present.ts";

const byId = { id: (build: Build) => build.id };
const byStart = { started_at: (build: Build) => `${isoTime(build.createdAt)}/${build.id}`, ...byId };

const buildpack = z.union([
  z.object({ url: buildpackUrl }).transform(({ url }) => url),
  z.object({ name: buildpackUrl }).transform(({ name }) => name),
]);
const creation = z.object({
  source_blob: z.object({
    url: z.string().max(4096),
    version: printable(100).nullish(),
    checksum: z.string().max(200).nullish(),
  }),
  buildpacks: z.array(buildpack).max(limits.buildpacksPerApp).nullish(),
});

export function buildRoutes(router: Router, parts: Parts): void {
  const find = async ({ account, path }: Call, action: "see" | "build") => {
    const app = await findApp(parts.database, account, path.app ?? "", action);
    return { app, build: await findBuild(parts.database, app.id, path.build ?? "") };
  };
  router.get(
    "/apps/:app/builds",
    handleList(byStart, async ({ account, path, links }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      const rows = await listBuilds(parts.database, app.id);
      return { rows, present: (build) => presentBuild(build, links, parts) };
    }),
  );
  router.post(
    "/apps/:app/builds",
    handle(201, async ({ account, path, body, links }) => {
      const { source_blob: source, buildpacks } = body(creation);
      const app = await findApp(parts.database, account, path.app ?? "", "build");
      const wanted = {
        url: source.url,
        version: source.version ?? null,
        checksum: source.checksum ?? null,
        buildpacks: buildpacks ?? undefined,
      };
      return presentBuild(await createBuild(parts, account, app, wanted), links, parts);
    }),
  );
  router.get(
    "/apps/:app/builds/:build",
    handle(200, async (call) => presentBuild((await find(call, "see")).build, call.links, parts)),
  );
  router.delete(
    "/apps/:app/builds/:build",
    handle(200, async (call) => {
      const { app, build } = await find(call, "build");
      return presentBuild(await cancelBuild(parts, call.account, app, build), call.links, parts);
    }),
  );
  router.delete(
    "/apps/:app/build-cache",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "build");
      await parts.database.query("delete from build_caches where app_id = $1", [app.id]);
      return {};
    }),
  );
}
