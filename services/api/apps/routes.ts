import type { Router } from "express";
import { z } from "zod";
import { requireSelf } from "../accounts/routes.ts";
import { defaultStack, region } from "../catalogue/constants.ts";
import { handle, handleList } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import type { App } from "./app.ts";
import { appName } from "./names.ts";
import { presentApp } from "./present.ts";
import { createApp, destroyApp, findApp, listApps, updateApp } from "./store.ts";

const byName = { name: (app: App) => app.name, id: (app: App) => app.id };
const one = (id: string, name: string) => z.string().refine((text) => text === id || text === name, `must be ${name}`);

const creation = z.object({
  name: appName.nullish(),
  region: one(region.id, region.name).nullish(),
  stack: one(defaultStack.id, defaultStack.name).nullish(),
});
const change = z.object({
  name: appName.optional(),
  maintenance: z.boolean().optional(),
  build_stack: one(defaultStack.id, defaultStack.name).optional(),
});

export function appRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps",
    handleList(byName, async ({ account, links, query }) => ({
      rows: await listApps(parts.database, account, query.system === "true"),
      present: (app) => presentApp(app, links),
    })),
  );
  router.get(
    "/users/:user/apps",
    handleList(byName, async (call) => {
      requireSelf(call);
      return {
        rows: await listApps(parts.database, call.account, false),
        present: (app) => presentApp(app, call.links),
      };
    }),
  );
  router.post(
    "/apps",
    handle(201, async (call) => {
      const { name } = call.body(creation);
      return presentApp(await createApp(parts, call.account, name ?? undefined), call.links);
    }),
  );
  router.get(
    "/apps/:app",
    handle(200, async ({ account, path, links }) =>
      presentApp(await findApp(parts.database, account, path.app ?? "", "see"), links),
    ),
  );
  router.patch(
    "/apps/:app",
    handle(200, async (call) => {
      const wanted = call.body(change);
      const app = await findApp(parts.database, call.account, call.path.app ?? "", "reshape");
      return presentApp(await updateApp(parts, call.account, app, wanted), call.links);
    }),
  );
  router.delete(
    "/apps/:app",
    handle(200, async ({ account, path, links }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "destroy");
      await destroyApp(parts, app);
      return presentApp(app, links);
    }),
  );
}
