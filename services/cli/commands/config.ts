import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { varsOf } from "../config-vars.ts";
import { keyValues } from "../table.ts";
import { heading, shellLine } from "../wording.ts";

/** `config [--shell] [--json]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const vars = varsOf(await (await call.api()).get(path`/apps/${app}/config-vars`));
  if (call.isOn("json")) {
    terminal.line(JSON.stringify(Object.fromEntries(vars), undefined, 2));
    return;
  }
  if (call.isOn("shell")) {
    for (const [name, value] of vars) terminal.line(shellLine(name, value));
    return;
  }
  terminal.line(heading(`${app} Config Vars`, terminal.paint));
  terminal.line();
  for (const line of keyValues([...vars], terminal.paint.good)) terminal.line(line);
}
