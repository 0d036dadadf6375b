import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { table } from "../table.ts";
import { asJson, heading } from "../wording.ts";

/** `apps [--system] [--all] [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const isSystem = call.isOn("system");
  const where = isSystem ? "/apps?system=true" : call.isOn("all") ? "/apps" : path`/users/~/apps`;
  const [apps, account] = await Promise.all([api.list(where), api.get("/account")]);
  apps.sort((a, b) => (a.text("name") < b.text("name") ? -1 : 1));
  if (call.isOn("json")) {
    terminal.line(asJson(apps));
    return;
  }
  const me = account.text("email");
  if (apps.length === 0) {
    terminal.line("You have no apps.");
    return;
  }
  terminal.line(heading(isSystem ? "System Apps" : `${me} Apps`, terminal.paint));
  terminal.line();
  const rows = apps.map((app) => {
    const owner = app.inner("owner")?.text("email");
    return [app.text("name"), ...(owner === undefined || owner === me || isSystem ? [] : [owner])];
  });
  for (const line of table(rows, (cell, column) => (column === 0 ? terminal.paint.app(cell) : cell)))
    terminal.line(line);
}
