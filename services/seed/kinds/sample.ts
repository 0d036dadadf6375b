import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { runProgram } from "../../kernel/run-program.ts";
import { appUrl } from "../addresses.ts";
import { markBooted, readBooted } from "../booted.ts";
import { askFront } from "../front.ts";
import { push } from "../push.ts";
import { done, type Kind, missing } from "../runner.ts";
import { untilWorks } from "../waiting.ts";
import type { World } from "../world.ts";

/** An app of somebody's, deployed as they would: a repository of its own, `git push`, and a request. */
export const sample: Kind<World, { readonly app: string; readonly folder: string }> = {
  async check({ platform }, { app }) {
    return (await readBooted(platform))?.sample === undefined ? missing("not deployed") : done(appUrl(platform, app));
  },
  async act(world, { app, folder }) {
    const { platform, git, terminal } = world;
    const token = (await world.secrets()).apiToken;
    await createApp(world, app, token);
    const repository = await mkdtemp(`${tmpdir()}/quine-sample-`);
    try {
      await runProgram("cp", ["-r", `${world.checkout.root}/${folder}/.`, repository]);
      const who = ["-c", "user.name=Quine", "-c", "user.email=quine@localhost"];
      await git(repository, {}, "init", "--quiet", "--initial-branch=main");
      await git(repository, {}, "add", "--all");
      await git(repository, {}, ...who, "commit", "--quiet", "--message=Hello");
      const commit = (await git(repository, {}, "rev-parse", "HEAD")).trim();
      await push(platform, {
        folder: repository,
        env: {},
        app,
        commit,
        token,
        path: world.path,
        say: (line) => terminal.say(line),
      });
    } finally {
      await rm(repository, { recursive: true, force: true });
    }
    await untilWorks(`${app} does not answer`, 30_000, async () => {
      const answer = await askFront(platform, `${app}.${platform.domain}`, "/");
      if (answer.status !== 200) return `it answers ${answer.status}`;
      terminal.say(`$ curl ${appUrl(platform, app)}`);
      terminal.say(answer.text.trimEnd().slice(0, 500));
      return undefined;
    });
    await markBooted(platform, "sample", new Date());
  },
};

/** An app of that name which is there already will do: an earlier try may have made it. */
async function createApp({ platform }: World, name: string, token: string): Promise<void> {
  const found = await askFront(platform, platform.domain, `/apps/${name}`, { token });
  if (found.status === 200) return;
  const made = await askFront(platform, platform.domain, "/apps", { method: "POST", token, body: { name } });
  if (made.status !== 201)
    throw new Error(`The app ${name} could not be made: the API answers ${made.status} ${made.text.slice(0, 200)}`);
}
