import type { Router } from "express";
import { z } from "zod";
import { findApp } from "../apps/store.ts";
import { type Call, handle, handleList, printable } from "../http/handle.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { presentRelease } from "./present.ts";
import { findRelease, listReleases, type Release } from "./release.ts";
import { deploySlug, rollBack } from "./roll-back.ts";
import { watchRollout } from "./watch-rollout.ts";

const byVersion = { version: (release: Release) => release.version, id: (release: Release) => release.id };

const identity = z.union([z.string().max(100), z.object({ id: z.string().max(100) }).transform(({ id }) => id)]);
const creation = z
  .object({ slug: identity.optional(), release: identity.optional(), description: printable(1000).optional() })
  .refine(({ slug, release }) => (slug === undefined) !== (release === undefined), "give either slug or release");

export function releaseRoutes(router: Router, parts: Parts): void {
  const find = async ({ account, path }: Call) => {
    const app = await findApp(parts.database, account, path.app ?? "", "see");
    return { app, release: await findRelease(parts.database, app.id, path.release ?? "") };
  };
  router.get(
    "/apps/:app/releases",
    handleList(byVersion, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      // The oldest first: that is the order of a list without a range.
      const rows = (await listReleases(parts.database, app.id)).reverse();
      return { rows, present: (release) => presentRelease(release, app) };
    }),
  );
  router.post(
    "/apps/:app/releases",
    handle(201, async ({ account, path, body }) => {
      const { slug, release, description } = body(creation);
      const app = await findApp(parts.database, account, path.app ?? "", "operate");
      const made =
        slug === undefined
          ? await rollBack(parts, account, app, release ?? "")
          : await deploySlug(parts, account, app, slug, description);
      return presentRelease(made, app);
    }),
  );
  router.get(
    "/apps/:app/releases/:release",
    handle(200, async (call) => {
      const { app, release } = await find(call);
      return presentRelease(release, app);
    }),
  );
  router.get(
    "/apps/:app/releases/:release/rollout",
    handle(200, async (call) => {
      const { app, release } = await find(call);
      const seconds = Math.min(Number(call.query.wait) || 0, limits.rolloutWaitSeconds);
      return watchRollout(parts, app, release, Math.max(0, seconds) * 1000, call.gone);
    }),
  );
}
