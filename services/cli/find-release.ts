import { Problem } from "../kernel/problem.ts";
import { type Api, path } from "./api.ts";
import type { Fields } from "./fields.ts";

/** `v12`, `12` or an id, as it stands in a path. */
export function releaseWord(word: string): string {
  return word.replace(/^v(\d+)$/, "$1");
}

/** The named release, or the newest. @throws Problem not_found */
export async function findRelease(api: Api, app: string, word: string | undefined): Promise<Fields> {
  if (word !== undefined) return await api.get(path`/apps/${app}/releases/${releaseWord(word)}`);
  const [newest] = await api.list(path`/apps/${app}/releases`, "version ..; max=1, order=desc");
  if (newest === undefined) throw new Problem("not_found", `${app} has no releases.`);
  return newest;
}

/** What a rollback without a name means: of the newest first, the release that can be gone back to before the current one. */
export function previousRelease(releases: readonly Fields[]): Fields | undefined {
  const current = releases.findIndex((release) => release.isTrue("current"));
  return releases.slice(current + 1).find((release) => release.isTrue("eligible_for_rollback"));
}
