import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { table } from "../table.ts";
import { asJson, heading } from "../wording.ts";

/** `domains [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const domains = await (await call.api()).list(path`/apps/${app}/domains`);
  if (call.isOn("json")) {
    terminal.line(asJson(domains));
    return;
  }
  const hosts = (kind: string) => domains.filter((domain) => domain.text("kind") === kind);
  for (const domain of hosts("heroku")) {
    terminal.line(heading(`${app} Platform Domain`, terminal.paint));
    terminal.line();
    terminal.line(domain.text("hostname"));
  }
  const custom = hosts("custom");
  if (custom.length === 0) return;
  terminal.line();
  terminal.line(heading(`${app} Custom Domains`, terminal.paint));
  terminal.line();
  const rows = custom.map((domain) => [domain.text("hostname"), domain.optionalText("cname") ?? ""]);
  const lines = table([["Domain Name", "DNS Target"], ...rows], (cell, column, row) =>
    row === 0 ? terminal.paint.heading(cell) : column === 0 ? terminal.paint.name(cell) : cell,
  );
  for (const line of lines) terminal.line(line);
}
