import { listed, readBuildpacks } from "../buildpack-list.ts";
import type { Call } from "../command.ts";
import { heading } from "../wording.ts";

/** `buildpacks [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const buildpacks = await readBuildpacks(await call.api(), app);
  if (call.isOn("json")) {
    terminal.line(JSON.stringify(buildpacks, undefined, 2));
    return;
  }
  if (buildpacks.length === 0) {
    terminal.line(`${app} has no buildpack set: the platform finds out.`);
    return;
  }
  terminal.line(heading(`${app} Buildpack${buildpacks.length === 1 ? "" : "s"}`, terminal.paint));
  terminal.line();
  for (const line of listed(buildpacks)) terminal.line(line);
}
