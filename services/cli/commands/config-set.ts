import type { Call } from "../command.ts";
import { changeVars, parseAssignments } from "../config-vars.ts";
import { keyValues } from "../table.ts";
import { appLabel } from "../wording.ts";

/** `config:set KEY=VALUE…` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const changes = parseAssignments(call.words);
  const names = Object.keys(changes);
  const api = await call.api();
  const app = await call.app();
  const { vars } = await terminal.action(
    `Setting ${names.join(", ")} and restarting ${appLabel(app, terminal.errorPaint)}`,
    () => changeVars(api, app, changes),
    ({ release }) => release,
  );
  terminal.line();
  for (const line of keyValues(
    names.map((name) => [name, vars.get(name)]),
    terminal.paint.good,
  ))
    terminal.line(line);
}
