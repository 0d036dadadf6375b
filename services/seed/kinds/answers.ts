import { containersOf, lastWords } from "../first-dynos.ts";
import { askFront } from "../front.ts";
import { done, type Kind, missing } from "../runner.ts";
import { untilWorks } from "../waiting.ts";
import type { World } from "../world.ts";

/** The platform does what it is for, seen from outside: router, API (and with it the database), git and logs all answer. */
export const answers: Kind<World, { readonly waitMs: number }> = {
  async check(world) {
    const reason = await unanswered(world).catch((error: Error) => error.message);
    return reason === undefined ? done("router, api, git, logs") : missing(reason);
  },
  async act(world, { waitMs }) {
    await untilWorks(
      "The platform does not answer",
      waitMs,
      () => unanswered(world),
      async () => {
        const containers = await containersOf(world, "runtime");
        if (containers.some((container) => container.state === "running") || containers[0] === undefined)
          return undefined;
        return `the runtime ended: ${await lastWords(world, containers[0].id)}`;
      },
    );
  },
};

/** What each part says when it is well: the API knows the owner, git wants a password, logs want a signature. */
async function unanswered({ platform, secrets }: World): Promise<string | undefined> {
  const { apiToken } = await secrets();
  const account = await askFront(platform, platform.domain, "/account", { token: apiToken });
  if (account.status !== 200) return `the API answers ${account.status}`;
  const git = await askFront(platform, platform.domain, "/quine.git/info/refs?service=git-receive-pack");
  if (git.status !== 401) return `git answers ${git.status}`;
  const logs = await askFront(platform, platform.domain, "/_logs/sessions/none");
  if (logs.status < 400 || logs.status >= 500) return `logs answers ${logs.status}`;
  return undefined;
}
