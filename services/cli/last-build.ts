import { Problem } from "../kernel/problem.ts";
import { type Api, path } from "./api.ts";
import type { Fields } from "./fields.ts";

/** The build of that id, or the newest one. @throws Problem not_found when there is none. */
export async function findBuild(
  api: Api,
  app: string,
  id: string | undefined,
  isWanted = (_: Fields) => true,
): Promise<Fields> {
  if (id !== undefined) return await api.get(path`/apps/${app}/builds/${id}`);
  const builds = await api.list(path`/apps/${app}/builds`);
  const newest = builds
    .filter(isWanted)
    .reduce<Fields | undefined>(
      (best, one) => (best === undefined || one.text("created_at") > best.text("created_at") ? one : best),
      undefined,
    );
  if (newest === undefined)
    throw new Problem("not_found", `${app} has no such build.\nPush to its git remote to start one.`);
  return newest;
}
