import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { varsOf } from "../config-vars.ts";
import { findRelease } from "../find-release.ts";
import { keyValues } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading, shellLine } from "../wording.ts";

/** `releases:info [RELEASE] [--shell] [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  const release = await findRelease(api, app, call.words[0]);
  if (call.isOn("json")) {
    terminal.line(asJson(release));
    return;
  }
  const version = release.number("version");
  const config = await api.find(path`/apps/${app}/releases/${version}/config-vars`);
  const vars = config === undefined ? new Map<string, string>() : varsOf(config);
  if (call.isOn("shell")) {
    for (const [name, value] of vars) terminal.line(shellLine(name, value));
    return;
  }
  terminal.line(heading(`Release v${version}`, terminal.paint));
  terminal.line();
  const lines = keyValues(
    [
      ["By", release.inner("user")?.text("email")],
      ["Change", release.text("description")],
      ["Status", release.text("status")],
      ["When", timeAgo(release.text("created_at"), call.now())],
      ["Slug", release.inner("slug")?.text("id")],
    ],
    terminal.paint.name,
  );
  for (const line of lines) terminal.line(line);
  if (vars.size === 0) return;
  terminal.line();
  terminal.line(heading(`v${version} Config Vars`, terminal.paint));
  terminal.line();
  for (const line of keyValues([...vars], terminal.paint.good)) terminal.line(line);
}
