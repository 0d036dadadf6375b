import type { Router } from "express";
import { z } from "zod";
import type { App } from "../apps/app.ts";
import { presentAppReference } from "../apps/present.ts";
import { findApp } from "../apps/store.ts";
import { sizeTitle } from "../catalogue/constants.ts";
import { handle, handleList } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { constantId, isoTime } from "../present.ts";
import type { ScaleUpdate } from "./plan.ts";
import { type Formation, findFormation, listFormation, scaleFormation } from "./store.ts";

const byType = { type: (entry: Formation) => entry.type, id: (entry: Formation) => entry.id };

const update = z.object({
  quantity: z.union([z.number().int(), z.string().max(10)]).nullish(),
  size: z.string().max(50).nullish(),
  dyno_size: z.union([z.string(), z.object({ name: z.string().optional(), id: z.string().optional() })]).nullish(),
});
const batch = z.object({ updates: z.array(update.extend({ type: z.string().max(128) })).max(200) });

export function formationRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps/:app/formation",
    handleList(byType, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return { rows: await listFormation(parts.database, app.id), present: (entry) => presentFormation(entry, app) };
    }),
  );
  router.get(
    "/apps/:app/formation/:type",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return presentFormation(await findFormation(parts.database, app.id, path.type ?? ""), app);
    }),
  );
  router.patch(
    "/apps/:app/formation",
    handleList(byType, async ({ account, path, body }) => {
      const { updates } = body(batch);
      const app = await findApp(parts.database, account, path.app ?? "", "operate");
      const wanted = updates.map((one) => scaleUpdateOf(one.type, one));
      const rows = await scaleFormation(parts, account, app, wanted);
      return { rows, present: (entry) => presentFormation(entry, app) };
    }),
  );
  router.patch(
    "/apps/:app/formation/:type",
    handle(200, async ({ account, path, body }) => {
      const wanted = body(update);
      const app = await findApp(parts.database, account, path.app ?? "", "operate");
      const { type } = await findFormation(parts.database, app.id, path.type ?? "");
      await scaleFormation(parts, account, app, [scaleUpdateOf(type, wanted)]);
      return presentFormation(await findFormation(parts.database, app.id, type), app);
    }),
  );
}

function scaleUpdateOf(type: string, wanted: z.infer<typeof update>): ScaleUpdate {
  const named = typeof wanted.dyno_size === "string" ? wanted.dyno_size : wanted.dyno_size?.name;
  return { type, quantity: wanted.quantity ?? undefined, size: wanted.size ?? named };
}

function presentFormation(entry: Formation, app: App): Record<string, unknown> {
  return {
    app: presentAppReference(app),
    command: entry.command,
    created_at: isoTime(entry.createdAt),
    dyno_size: { id: constantId("dyno-size", entry.size), name: sizeTitle(entry.size) },
    id: entry.id,
    quantity: entry.quantity,
    size: sizeTitle(entry.size),
    type: entry.type,
    updated_at: isoTime(entry.updatedAt),
  };
}
