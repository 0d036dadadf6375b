import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../kernel/problem.ts";
import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { waitedFor } from "../wait-state.ts";

/** `ps:wait [-t TYPE] [-R] [-w SECONDS] [--timeout SECONDS]`; exit status 1 when the time is over. */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const intervalMs = call.count("wait-interval", 2) * 1_000;
  const timeoutMs = call.count("timeout", 600) * 1_000;
  const api = await call.api();
  const app = await call.app();
  const wanted = { type: call.text("type"), isWithRun: call.isOn("with-run") };
  const [release] = await api.list(path`/apps/${app}/releases`, "version ..; max=1, order=desc");
  if (release === undefined) throw new Problem("not_found", `${app} has no release to wait for.`);
  const version = release.number("version");

  const giveUpAt = call.now().getTime() + timeoutMs;
  for (let told = ""; ; ) {
    const { ready, all } = waitedFor(await api.list(path`/apps/${app}/dynos`), version, wanted);
    if (ready === all) {
      terminal.note(`All ${all} dynos run v${version}`);
      return;
    }
    const words = `Waiting for every dyno to run v${version}: ${ready} of ${all}`;
    if (words !== told) terminal.note(words);
    told = words;
    if (call.now().getTime() + intervalMs > giveUpAt) {
      throw new Problem(
        "service_unavailable",
        `After ${timeoutMs / 1_000} s only ${ready} of ${all} dynos run v${version}.\nSee why with: quine logs -a ${app}`,
      );
    }
    await sleep(intervalMs);
  }
}
