import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { chosenDynos } from "../dyno-choice.ts";
import { UsageProblem } from "../usage-problem.ts";
import { appLabel } from "../wording.ts";

/** `ps:stop -d DYNO | -p TYPE`: a dyno of a formation is started again by and by, a one-off is not. */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const choice = chosenDynos(call);
  if (choice.kind === "all") throw new UsageProblem("Which dynos? Name one with -d DYNO, or a type with -p TYPE.");
  const api = await call.api();
  const app = await call.app();
  const [what, where] =
    choice.kind === "dyno"
      ? [`dyno ${choice.name}`, path`/apps/${app}/dynos/${choice.name}/actions/stop`]
      : [`all ${choice.type} dynos`, path`/apps/${app}/formations/${choice.type}/actions/stop`];
  await terminal.action(`Stopping ${what} on ${appLabel(app, terminal.errorPaint)}`, () => api.send("POST", where));
}
