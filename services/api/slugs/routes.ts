import type { Router } from "express";
import type { Queries } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import { findApp } from "../apps/store.ts";
import { stackNamed } from "../catalogue/constants.ts";
import { handle } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { isoTime, isUuid } from "../present.ts";

type SlugRow = {
  id: string;
  digest: string;
  process_types: Record<string, string>;
  stack: string;
  commit: string | null;
  buildpack: string | null;
  bytes: number;
  created_at: Date;
};

export function slugRoutes(router: Router, parts: Parts): void {
  router.get(
    "/apps/:app/slugs/:slug",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return presentSlug(await findSlug(parts.database, app.id, path.slug ?? ""));
    }),
  );
}

/** Made by the app's builds, or run by one of its releases. @throws Problem not_found. */
async function findSlug(queries: Queries, appId: string, id: string): Promise<SlugRow> {
  const [row] = isUuid(id)
    ? await queries.query<SlugRow>(
        `select id, digest, process_types, stack, commit, buildpack, bytes, created_at from slugs
         where id = $2 and (app_id = $1 or id in (select slug_id from releases where app_id = $1))`,
        [appId, id],
      )
    : [];
  if (row === undefined) throw new Problem("not_found", "Couldn't find that slug.", { resource: "slug" });
  return row;
}

/** There is no `blob`: a slug is not a tarball here but image files in the registry. `checksum` is the digest of its manifest. */
function presentSlug(slug: SlugRow): Record<string, unknown> {
  return {
    buildpack_provided_description: slug.buildpack,
    checksum: slug.digest.replace("sha256:", "SHA256:"),
    commit: slug.commit,
    commit_description: null,
    created_at: isoTime(slug.created_at),
    deleted_at: null,
    id: slug.id,
    process_types: slug.process_types,
    size: slug.bytes,
    stack: stackNamed(slug.stack),
    updated_at: isoTime(slug.created_at),
  };
}
