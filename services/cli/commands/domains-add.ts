import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { appLabel } from "../wording.ts";

/** `domains:add HOSTNAME` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const api = await call.api();
  const app = await call.app();
  const hostname = call.words[0] ?? "";
  const { one } = await terminal.action(`Adding ${hostname} to ${appLabel(app, terminal.errorPaint)}`, () =>
    api.send("POST", path`/apps/${app}/domains`, { hostname, sni_endpoint: null }),
  );
  const target = one.optionalText("cname");
  if (target !== undefined) terminal.line(`Point the DNS entry of ${hostname} to ${target}`);
}
