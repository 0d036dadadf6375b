import type { Router } from "express";
import type { App } from "../apps/app.ts";
import { presentAppReference } from "../apps/present.ts";
import { findApp } from "../apps/store.ts";
import { sizeTitle } from "../catalogue/constants.ts";
import { findFormation } from "../formation/store.ts";
import { type Call, handle, handleList } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { isoTime } from "../present.ts";
import type { Dyno } from "./plan.ts";
import { findDyno, listDynos, restart, stopDyno } from "./store.ts";

const byName = { name: (dyno: Dyno) => dyno.name, id: (dyno: Dyno) => dyno.id };

export function dynoRoutes(router: Router, parts: Parts): void {
  const appFor = ({ account, path }: Call, action: "see" | "operate") =>
    findApp(parts.database, account, path.app ?? "", action);

  router.get(
    "/apps/:app/dynos",
    handleList(byName, async (call) => {
      const app = await appFor(call, "see");
      return { rows: await listDynos(parts.database, app.id), present: (dyno) => presentDyno(dyno, app) };
    }),
  );
  router.get(
    "/apps/:app/dynos/:dyno",
    handle(200, async (call) => {
      const app = await appFor(call, "see");
      return presentDyno(await findDyno(parts.database, app.id, call.path.dyno ?? ""), app);
    }),
  );
  router.delete(
    "/apps/:app/dynos",
    handle(202, async (call) => {
      await restart(parts, call.account, await appFor(call, "operate"), {});
      return {};
    }),
  );
  const stopOne = handle(202, async (call) => {
    const app = await appFor(call, "operate");
    const dyno = await findDyno(parts.database, app.id, call.path.dyno ?? "");
    await stopDyno(parts, call.account, app, dyno);
    return {};
  });
  router.delete("/apps/:app/dynos/:dyno", stopOne);
  router.post("/apps/:app/dynos/:dyno/actions/stop", stopOne);
  const restartType = handle(202, async (call) => {
    const app = await appFor(call, "operate");
    const { type } = await findFormation(parts.database, app.id, call.path.type ?? "");
    await restart(parts, call.account, app, { type });
    return {};
  });
  router.delete("/apps/:app/formations/:type", restartType);
  router.post("/apps/:app/formations/:type/actions/stop", restartType);
}

function presentDyno(dyno: Dyno, app: App): Record<string, unknown> {
  return {
    app: presentAppReference(app),
    attach_url: null,
    command: dyno.command,
    created_at: isoTime(dyno.createdAt),
    id: dyno.id,
    name: dyno.name,
    release: { id: dyno.releaseId, version: dyno.releaseVersion },
    size: sizeTitle(dyno.size),
    state: dyno.state,
    type: dyno.type,
    updated_at: isoTime(dyno.updatedAt),
  };
}
