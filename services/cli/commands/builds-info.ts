import type { Call } from "../command.ts";
import { findBuild } from "../last-build.ts";
import { keyValues } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading } from "../wording.ts";

/** `builds:info [BUILD] [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const build = await findBuild(api, await call.app(), call.words[0]);
  if (call.isOn("json")) {
    terminal.line(asJson(build));
    return;
  }
  terminal.line(heading(`Build ${build.text("id")}`, terminal.paint));
  terminal.line();
  const lines = keyValues(
    [
      ["By", build.inner("user")?.text("email")],
      ["When", timeAgo(build.text("created_at"), call.now())],
      ["Status", build.text("status")],
      ["Why", build.optionalText("failure_message")],
      ["Commit", build.inner("source_blob")?.optionalText("version")],
      ["Release", build.inner("release")?.text("id")],
      ["Slug", build.inner("slug")?.text("id")],
    ],
    terminal.paint.name,
  );
  for (const line of lines) terminal.line(line);
}
