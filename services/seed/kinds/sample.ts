import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Platform } from "../../kernel/platform.ts";
import { runProgram } from "../../kernel/run-program.ts";
import { appUrl } from "../addresses.ts";
import { markBooted, readBooted } from "../booted.ts";
import { askFront } from "../front.ts";
import { push } from "../push.ts";
import { done, type Kind, missing } from "../runner.ts";
import { untilWorks } from "../waiting.ts";
import type { World } from "../world.ts";

/** Of the platform's own, so that what is left of one that was killed can be told from another platform's that is at work. */
const folderPrefix = (platform: Platform) => `quine-sample-${platform.name}-`;

/** Fixed, so that the push of a run that was killed and the next one's are of the same commit. */
const author = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "Quine"],
    [`GIT_${role}_EMAIL`, "quine@localhost"],
    [`GIT_${role}_DATE`, "2026-01-01T00:00:00Z"],
  ]),
);

/** An app of somebody's, deployed as they would: a repository of its own, `git push`, and a request. */
export const sample: Kind<World, { readonly app: string; readonly folder: string }> = {
  async check({ platform }, { app }) {
    return (await readBooted(platform))?.sample === undefined ? missing("not deployed") : done(appUrl(platform, app));
  },
  async act(world, { app, folder }) {
    const { platform, git, terminal } = world;
    const token = (await world.secrets()).apiToken;
    await createApp(world, app, token);
    await removeLeftovers(platform);
    const repository = await mkdtemp(`${tmpdir()}/${folderPrefix(platform)}`);
    try {
      await runProgram("cp", ["-r", `${world.checkout.root}/${folder}/.`, repository]);
      await git(repository, {}, "init", "--quiet", "--initial-branch=main");
      await git(repository, {}, "add", "--all");
      await git(repository, author, "commit", "--quiet", "--message=Hello");
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

/** Repositories of runs that were killed; this run has the platform's lock. Names of six characters more: `a` is not `a-b`. */
async function removeLeftovers(platform: Platform): Promise<void> {
  const prefix = folderPrefix(platform);
  for (const name of await readdir(tmpdir()))
    if (name.startsWith(prefix) && /^[A-Za-z0-9]{6}$/.test(name.slice(prefix.length)))
      await rm(`${tmpdir()}/${name}`, { recursive: true, force: true });
}

/** An app of that name which is there already will do: an earlier try may have made it. */
async function createApp({ platform }: World, name: string, token: string): Promise<void> {
  const found = await askFront(platform, platform.domain, `/apps/${name}`, { token });
  if (found.status === 200) return;
  const made = await askFront(platform, platform.domain, "/apps", { method: "POST", token, body: { name } });
  if (made.status !== 201)
    throw new Error(`The app ${name} could not be made: the API answers ${made.status} ${made.text.slice(0, 200)}`);
}
