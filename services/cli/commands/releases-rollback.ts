import { Problem } from "../../kernel/problem.ts";
import { type Api, path } from "../api.ts";
import type { Call } from "../command.ts";
import type { Fields } from "../fields.ts";
import { findRelease, previousRelease } from "../find-release.ts";
import { appLabel } from "../wording.ts";

/** `rollback [RELEASE]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  const release = await target(api, app, call.words[0]);
  await terminal.action(
    `Rolling back ${appLabel(app, terminal.errorPaint)} to v${release.number("version")}`,
    async () => (await api.send("POST", path`/apps/${app}/releases`, { release: release.text("id") })).one,
    (made) => `v${made.number("version")}`,
  );
  terminal.note("Code and config vars are those of that release; whatever the app wrote elsewhere is as it is.");
}

async function target(api: Api, app: string, word: string | undefined): Promise<Fields> {
  if (word !== undefined) return await findRelease(api, app, word);
  const releases = await api.list(path`/apps/${app}/releases`, "version ..; max=10, order=desc");
  const previous = previousRelease(releases);
  if (previous !== undefined) return previous;
  throw new Problem(
    "not_found",
    `${app} has no earlier release to go back to.\nSee them with: quine releases -a ${app}`,
  );
}
