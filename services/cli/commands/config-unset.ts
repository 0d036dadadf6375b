import type { Call } from "../command.ts";
import { changeVars } from "../config-vars.ts";
import { appLabel } from "../wording.ts";

/** `config:unset KEY…` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  await terminal.action(
    `Unsetting ${call.words.join(", ")} and restarting ${appLabel(app, terminal.errorPaint)}`,
    () => changeVars(api, app, Object.fromEntries(call.words.map((name) => [name, null]))),
    ({ release }) => release,
  );
}
