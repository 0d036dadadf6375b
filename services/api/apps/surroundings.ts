import type { Router } from "express";
import { Problem } from "../../kernel/problem.ts";
import { handle, handleList } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { constantId, isoTime } from "../present.ts";
import type { App } from "./app.ts";
import { presentAppReference } from "./present.ts";
import { findApp } from "./store.ts";

/** What clients ask around an app and the platform has none of, or one of: its collaborators, features, add-ons, pipeline. */
export function surroundingRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps/:app/collaborators",
    handleList({ id: (app: App) => app.id }, async ({ account, path }) => ({
      rows: [await findApp(parts.database, account, path.app ?? "", "see")],
      present: presentOwner,
    })),
  );
  for (const list of ["features", "addons", "addon-attachments"]) {
    router.get(
      `/apps/:app/${list}`,
      handleList({}, async ({ account, path }) => {
        await findApp(parts.database, account, path.app ?? "", "see");
        return { rows: [], present: (row) => row };
      }),
    );
  }
  for (const list of ["/addons", "/addon-attachments", "/pipelines", "/pipeline-couplings"]) {
    router.get(
      list,
      handleList({}, async () => ({ rows: [], present: (row) => row })),
    );
  }
  router.get(
    "/apps/:app/features/:feature",
    handle(200, async ({ account, path }) => {
      await findApp(parts.database, account, path.app ?? "", "see");
      throw new Problem("not_found", "Couldn't find that app feature.", { resource: "app_feature" });
    }),
  );
  router.get(
    "/apps/:app/pipeline-couplings",
    handle(200, async ({ account, path }) => {
      await findApp(parts.database, account, path.app ?? "", "see");
      throw new Problem("not_found", "Couldn't find that pipeline coupling.", { resource: "pipeline_coupling" });
    }),
  );
}

function presentOwner(app: App): Record<string, unknown> {
  return {
    app: presentAppReference(app),
    created_at: isoTime(app.createdAt),
    id: constantId("collaborator", app.id),
    permissions: ["deploy", "manage", "operate", "view"].map((name) => ({ name, description: `Can ${name}` })),
    role: "owner",
    updated_at: isoTime(app.createdAt),
    user: { email: app.owner.email, federated: false, id: app.owner.id },
  };
}
