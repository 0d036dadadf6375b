import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { findBuild } from "../last-build.ts";

/** `builds:cancel [BUILD]`: the running one */
export async function run(call: Call): Promise<void> {
  const api = await call.api();
  const app = await call.app();
  const build = await findBuild(api, app, call.words[0], (one) => one.text("status") === "pending");
  const id = build.text("id");
  await call.terminal.action(`Stopping build ${id}`, () => api.send("DELETE", path`/apps/${app}/builds/${id}`));
}
