import { Problem } from "../../kernel/problem.ts";
import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { appOfUrl, gitHosts } from "../remotes.ts";
import { appLabel } from "../wording.ts";

/** `apps:destroy [APP] [--confirm APP]`: for good, so the name has to be typed. */
export async function run(call: Call): Promise<void> {
  const { terminal, git } = call;
  const api = await call.api();
  const asked = call.words[0] ?? (await call.app());
  // The question shows the name the platform has for it, also where an id was given.
  const name = (await api.get(path`/apps/${asked}`)).text("name");
  await confirm(call, name);
  await terminal.action(`Destroying ${appLabel(name, terminal.errorPaint)} with all that belongs to it`, () =>
    api.send("DELETE", path`/apps/${name}`),
  );
  const hosts = gitHosts(api.origin, call.settings.gitHost);
  for (const remote of await git.remotes()) {
    if (appOfUrl(remote.url, hosts) === name) await git.removeRemote(remote.name);
  }
}

async function confirm(call: Call, name: string): Promise<void> {
  const { terminal } = call;
  let typed = call.text("confirm");
  if (typed === undefined) {
    if (!terminal.canAsk) {
      throw new Problem(
        "bad_request",
        `This destroys ${name} for good, and nobody can be asked here.\nTo do it: quine apps:destroy ${name} --confirm ${name}`,
      );
    }
    const mark = terminal.errorPaint.bad(" ▸   ");
    terminal.note(
      `${mark} This destroys ${appLabel(name, terminal.errorPaint)} with its releases, its config vars and its code, for good.`,
    );
    terminal.note(`${mark} To do it, type ${name}`);
    typed = (await terminal.ask("> ")).trim();
  }
  if (typed !== name)
    throw new Problem("bad_request", `${JSON.stringify(typed)} is not ${name}: nothing was destroyed.`);
}
