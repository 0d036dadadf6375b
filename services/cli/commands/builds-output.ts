import { Problem } from "../../kernel/problem.ts";
import type { Call } from "../command.ts";
import { findBuild } from "../last-build.ts";
import { textOf } from "../text-stream.ts";

/** `builds:output [BUILD]`: follows a running build; exit status 1 when the build failed. */
export async function run(call: Call): Promise<void> {
  const api = await call.api();
  const app = await call.app();
  const build = await findBuild(api, app, call.words[0]);
  const url = build.optionalText("output_stream_url");
  if (url === undefined) throw new Problem("not_found", "The output of this build is not kept any more.");
  for await (const text of textOf(url)) await call.terminal.write(text);
  const ended = await findBuild(api, app, build.text("id"));
  if (ended.text("status") === "failed") {
    throw new Problem("bad_request", ended.optionalText("failure_message") ?? "The build failed.");
  }
}
