import { path } from "../api.ts";
import { makeRemote } from "../app-remote.ts";
import type { Call } from "../command.ts";

/** `git:remote -a APP [-r REMOTE]` */
export async function run(call: Call): Promise<void> {
  const { terminal, git } = call;
  const api = await call.api();
  const app = await api.get(path`/apps/${await call.app()}`);
  const remote = call.text("remote") ?? "heroku";
  await makeRemote(git, remote, app.text("git_url"));
  terminal.line(`set git remote ${remote} to ${app.text("git_url")}`);
}
