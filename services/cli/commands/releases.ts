import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { table } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading } from "../wording.ts";

/** `releases [-n NUMBER] [--json]`, the newest first */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const range = `version ..; max=${call.count("num", 15)}, order=desc`;
  const releases = await (await call.api()).list(path`/apps/${app}/releases`, range);
  if (call.isOn("json")) {
    terminal.line(asJson(releases));
    return;
  }
  if (releases.length === 0) {
    terminal.line(`${app} has no releases.`);
    return;
  }
  const current = releases.find((release) => release.isTrue("current"));
  const title = current === undefined ? "" : ` - Current: v${current.number("version")}`;
  terminal.line(heading(`${app} Releases${title}`, terminal.paint));
  terminal.line();
  const rows = releases.map((release) => {
    const status = release.text("status");
    return [
      `v${release.number("version")}`,
      `${release.text("description")}${status === "succeeded" ? "" : ` (${status})`}`,
      release.inner("user")?.text("email") ?? "",
      timeAgo(release.text("created_at"), call.now()),
    ];
  });
  const { paint } = terminal;
  const lines = table(rows, (cell, column, row) => {
    if (column !== 0) return cell;
    return releases[row]?.text("status") === "failed" ? paint.bad(cell) : paint.name(cell);
  });
  for (const line of lines) terminal.line(line);
}
