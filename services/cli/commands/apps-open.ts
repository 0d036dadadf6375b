import { spawn } from "node:child_process";
import { once } from "node:events";
import { path } from "../api.ts";
import type { Call } from "../command.ts";

/** `open [PATH]`: prints the address, which is all one needs where there is no browser. */
export async function run(call: Call): Promise<void> {
  const api = await call.api();
  const app = await api.get(path`/apps/${await call.app()}`);
  const base = new URL(app.text("web_url"));
  const url = new URL(call.words[0] ?? "", base);
  // Another address in place of the path would open just anything.
  const target = url.origin === base.origin ? url : base;
  call.terminal.line(target.href);
  const browser = spawn("xdg-open", [target.href], { stdio: "ignore", detached: true });
  await Promise.race([once(browser, "spawn"), once(browser, "error")]).catch(() => {});
  browser.on("error", () => {});
  browser.unref();
}
