import { path } from "../api.ts";
import { makeRemote } from "../app-remote.ts";
import type { Call } from "../command.ts";
import { appOfUrl, gitHosts } from "../remotes.ts";
import { appLabel } from "../wording.ts";

/** `rename NEWNAME`: the git remotes of this repository that named it follow. */
export async function run(call: Call): Promise<void> {
  const { terminal, git } = call;
  const api = await call.api();
  const name = await call.app();
  const newName = call.words[0] ?? "";
  const app = await terminal.action(
    `Renaming ${appLabel(name, terminal.errorPaint)} to ${newName}`,
    async () => (await api.send("PATCH", path`/apps/${name}`, { name: newName })).one,
  );
  terminal.line(`${app.text("web_url")} | ${app.text("git_url")}`);
  const hosts = gitHosts(api.origin, call.settings.gitHost);
  for (const remote of await git.remotes()) {
    if (appOfUrl(remote.url, hosts) !== name) continue;
    await makeRemote(git, remote.name, app.text("git_url"));
    terminal.note(`Git remote ${remote.name} updated`);
  }
}
