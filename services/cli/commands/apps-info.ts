import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { keyValues } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading, shellLine } from "../wording.ts";

/** `info [APP] [--json] [--shell]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const name = call.words[0] ?? (await call.app());
  const [app, dynos] = await Promise.all([api.get(path`/apps/${name}`), api.list(path`/apps/${name}/dynos`)]);
  if (call.isOn("json")) {
    terminal.line(asJson(app));
    return;
  }
  const counts = new Map<string, number>();
  for (const dyno of dynos) counts.set(dyno.text("type"), (counts.get(dyno.text("type")) ?? 0) + 1);
  const dynoText = [...counts].map(([type, count]) => `${type}: ${count}`).join(", ");
  if (call.isOn("shell")) {
    for (const key of ["name", "web_url", "git_url"]) terminal.line(shellLine(key, app.text(key)));
    terminal.line(shellLine("dynos", JSON.stringify(Object.fromEntries(counts))));
    return;
  }
  terminal.line(heading(app.text("name"), terminal.paint));
  terminal.line();
  const released = app.optionalText("released_at");
  const lines = keyValues(
    [
      ["Created", timeAgo(app.text("created_at"), call.now())],
      ["Dynos", dynoText === "" ? undefined : dynoText],
      ["Git URL", app.text("git_url")],
      ["Maintenance", app.isTrue("maintenance") ? "on" : undefined],
      ["Owner", app.inner("owner")?.text("email")],
      ["Released", released === undefined ? "never: push to its git URL" : timeAgo(released, call.now())],
      ["Stack", app.inner("stack")?.text("name")],
      ["Web URL", app.text("web_url")],
    ],
    terminal.paint.name,
  );
  for (const line of lines) terminal.line(line);
}
