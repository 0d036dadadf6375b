import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { table } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading } from "../wording.ts";

/** `builds [-n NUMBER] [--json]`, the newest first */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const name = await call.app();
  const all = await api.list(path`/apps/${name}/builds`);
  const builds = all
    .sort((a, b) => (a.text("created_at") > b.text("created_at") ? -1 : 1))
    .slice(0, call.count("num", 15));
  if (call.isOn("json")) {
    terminal.line(asJson(builds));
    return;
  }
  if (builds.length === 0) {
    terminal.line(`${name} has no builds.`);
    return;
  }
  terminal.line(heading(`${name} Builds`, terminal.paint));
  terminal.line();
  const rows = builds.map((build) => [
    build.text("id"),
    build.text("status"),
    build.inner("source_blob")?.optionalText("version")?.slice(0, 8) ?? "",
    build.inner("user")?.text("email") ?? "",
    timeAgo(build.text("created_at"), call.now()),
  ]);
  const { paint } = terminal;
  const lines = table(rows, (cell, column) => {
    if (column === 0) return paint.name(cell);
    if (column !== 1) return cell;
    return cell.startsWith("succeeded") ? paint.good(cell) : cell.startsWith("failed") ? paint.bad(cell) : cell;
  });
  for (const line of lines) terminal.line(line);
}
