import { path } from "../api.ts";
import { makeRemote } from "../app-remote.ts";
import type { Call } from "../command.ts";
import { appLabel, asJson } from "../wording.ts";

/** `create [APP] [-b BUILDPACK] [-r REMOTE] [-n] [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal, git } = call;
  const api = await call.api();
  const [wanted] = call.words;
  const buildpack = call.text("buildpack");
  const title = `Creating ${wanted === undefined ? "app" : appLabel(wanted, terminal.errorPaint)}`;
  const app = await terminal.action(
    title,
    async () => (await api.send("POST", "/apps", wanted === undefined ? {} : { name: wanted })).one,
    (made) => appLabel(made.text("name"), terminal.errorPaint),
  );
  const name = app.text("name");
  if (buildpack !== undefined) {
    await terminal.action(`Setting buildpack to ${buildpack}`, () =>
      api.send("PUT", path`/apps/${name}/buildpack-installations`, { updates: [{ buildpack }] }),
    );
  }
  if (!call.isOn("no-remote") && (await git.isRepository())) {
    await makeRemote(git, call.text("remote") ?? "heroku", app.text("git_url"));
  }
  terminal.line(call.isOn("json") ? asJson(app) : `${app.text("web_url")} | ${app.text("git_url")}`);
}
