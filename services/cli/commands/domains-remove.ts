import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { appLabel } from "../wording.ts";

/** `domains:remove HOSTNAME` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  const hostname = call.words[0] ?? "";
  await terminal.action(`Removing ${hostname} from ${appLabel(app, terminal.errorPaint)}`, () =>
    api.send("DELETE", path`/apps/${app}/domains/${hostname}`),
  );
}
