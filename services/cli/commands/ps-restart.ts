import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { chosenDynos, type DynoChoice } from "../dyno-choice.ts";
import { appLabel } from "../wording.ts";

/** `ps:restart [-d DYNO | -p TYPE]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const choice = chosenDynos(call);
  const api = await call.api();
  const app = await call.app();
  const [what, where] = target(choice, app);
  await terminal.action(`Restarting ${what} on ${appLabel(app, terminal.errorPaint)}`, () => api.send("DELETE", where));
}

function target(choice: DynoChoice, app: string): [string, string] {
  switch (choice.kind) {
    case "all":
      return ["all dynos", path`/apps/${app}/dynos`];
    case "dyno":
      return [`dyno ${choice.name}`, path`/apps/${app}/dynos/${choice.name}`];
    case "type":
      return [`all ${choice.type} dynos`, path`/apps/${app}/formations/${choice.type}`];
  }
}
