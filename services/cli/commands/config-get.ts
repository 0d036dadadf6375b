import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { varsOf } from "../config-vars.ts";
import { shellLine } from "../wording.ts";

/** `config:get KEY… [--shell] [--json]`: a var that is not set is an empty line, as scripts expect. */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const vars = varsOf(await (await call.api()).get(path`/apps/${app}/config-vars`));
  const wanted = call.words.map((name) => [name, vars.get(name) ?? ""] as const);
  if (call.isOn("json")) {
    terminal.line(JSON.stringify(Object.fromEntries(wanted), undefined, 2));
    return;
  }
  for (const [name, value] of wanted) terminal.line(call.isOn("shell") ? shellLine(name, value) : value);
}
