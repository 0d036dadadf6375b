import { listed, readBuildpacks, writeBuildpacks } from "./buildpack-list.ts";
import type { Call } from "./command.ts";

/** Reads the app's buildpacks, writes what `change` makes of them, and says what the next build does. */
export async function changeBuildpacks(call: Call, change: (list: readonly string[]) => string[]): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  const changed = change(await readBuildpacks(api, app));
  await writeBuildpacks(api, app, changed);
  if (changed.length === 0) {
    terminal.line("No buildpack is set now: the next build finds out what to do.");
    return;
  }
  terminal.line(`The next build of ${app} will use:`);
  for (const line of listed(changed)) terminal.line(`  ${line}`);
  terminal.line("Push to its git remote to start one.");
}
