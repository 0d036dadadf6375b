import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startGitService } from "../../services/git/service.ts";
import { createLogger } from "../../services/kernel/log.ts";
import type { BuildInHand } from "../worlds/platform-api.ts";
import { commit, type GitWorld, git, startGit, startGitWorld, storedRefs, token, workTree } from "./world.ts";

let world: GitWorld;
let app: { id: string; name: string };
let count = 0;
beforeAll(async () => {
  world = await startGitWorld({ packsMax: 3 });
}, 30_000);
afterAll(() => world.stop());
beforeEach(async () => {
  app = await world.addApp(`app-${++count}`);
  world.api.onBuild = (build) => build.succeed();
  world.api.rollout = [{ status: "up" }];
  world.api.before = () => {};
});

const headOf = async (folder: string) => (await git(folder, "rev-parse", "HEAD")).output.trim();
const nextBuild = () =>
  new Promise<BuildInHand>((resolve) => {
    world.api.onBuild = resolve;
  });

test("of two pushes to one app at the same time one builds, and the other is told to wait", async () => {
  const folder = await workTree(world, { a: "1" });
  const begun = nextBuild();
  const first = git(folder, "push", world.remote(app.name), "main");
  const build = await begun;
  const second = await git(folder, "push", world.remote(app.name), "main:refs/heads/topic");
  expect(second.output).toContain(`Another push to ${app.name} is running`);
  expect(second.status).toBe(1);
  build.succeed();
  expect((await first).status).toBe(0);
  expect(Object.keys(await storedRefs(world, app.id))).toEqual(["refs/heads/main"]);
});

test("a fetch during a build sees the old refs, after it the new", async () => {
  const folder = await workTree(world, { a: "1" });
  await git(folder, "push", world.remote(app.name), "main");
  const before = await headOf(folder);
  const after = await commit(folder, { a: "2" });
  const begun = nextBuild();
  const pushing = git(folder, "push", world.remote(app.name), "main");
  const build = await begun;
  expect((await git(folder, "ls-remote", world.remote(app.name), "main")).output).toContain(before);
  build.succeed();
  await pushing;
  expect((await git(folder, "ls-remote", world.remote(app.name), "main")).output).toContain(after);
});

test("a pusher who hangs up in the middle of a build does not stop it: refs and release agree", async () => {
  const folder = await workTree(world, { a: "1" });
  const begun = nextBuild();
  const client = startGit(folder, "push", world.remote(app.name), "main");
  const build = await begun;
  process.kill(-Number(client.pid), "SIGKILL");
  await once(client, "close");
  const asked = new Promise<void>((resolve) => {
    world.api.before = (line) => {
      if (line.includes("/rollout")) resolve();
    };
  });
  build.write("still here\n");
  build.succeed();
  await asked;
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": await headOf(folder) });
  expect((await git(folder, "push", world.remote(app.name), "main")).output).toContain("Everything up-to-date");
});

test("output that breaks off goes on where it was", async () => {
  const folder = await workTree(world, { a: "1" });
  const begun = nextBuild();
  const client = startGit(folder, "push", world.remote(app.name), "main");
  let said = "";
  const seen = new Promise<void>((resolve) => {
    client.stderr.on("data", (chunk) => {
      said += chunk;
      if (said.includes("two")) resolve();
    });
  });
  const build = await begun;
  build.write("one\ntwo\nth");
  await seen;
  build.breakOutput();
  build.write("ree\n");
  build.succeed();
  const [status] = await once(client, "close");
  expect(said.match(/remote: (one|two|three)/g)).toEqual(["remote: one", "remote: two", "remote: three"]);
  expect(status).toBe(0);
});

test("lines of a promotion are shown as they come, and a release that does not come up is a warning", async () => {
  const folder = await workTree(world, { a: "1" });
  const platform = await world.addApp("quine");
  world.api.rollout = [
    { status: "pending", message: "logs is up" },
    { status: "pending", message: "logs is up\ngit is up" },
    { status: "crashed", message: "logs is up\ngit is up\nrouter exited with status 1" },
  ];
  const pushed = await git(folder, "push", world.remote(platform.name), "main");
  expect(pushed.output.match(/logs is up|git is up|router exited/g)).toEqual([
    "logs is up",
    "git is up",
    "router exited",
  ]);
  expect(pushed.output).toContain("Every part runs what it ran before; push a commit that mends it.");
  expect(pushed.output).not.toContain("the release stands");
  expect(pushed.status).toBe(0);
});

test("a service that is told to stop tells the pusher, and leaves the ref", async () => {
  const folder = await workTree(world, { a: "1" });
  const begun = nextBuild();
  const pushing = git(folder, "push", world.remote(app.name), "main");
  const build = await begun;
  await Promise.all([world.service.stop(), world.service.stop()]);
  const pushed = await pushing;
  expect(pushed.output).toContain("!     The git service is being replaced; the build goes on. Fetch to see");
  expect([pushed.status, await storedRefs(world, app.id)]).toEqual([1, {}]);
  await world.restart();
  build.fail();
  world.api.onBuild = (next) => next.succeed();
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
});

test("two services on one database, as when one replaces the other, see each other's pushes", async () => {
  const other = await startGitService(
    { ...world.settings, repositoriesDir: join(world.folder, "other") },
    createLogger(() => {}),
  );
  const elsewhere = `http://any:${token}@127.0.0.1:${other.port}/${app.name}.git`;
  const folder = await workTree(world, { a: "1" });
  for (const [index, remote] of [world.remote(app.name), elsewhere, world.remote(app.name), elsewhere].entries()) {
    const head = await commit(folder, { a: String(index) });
    expect((await git(folder, "push", remote, "main")).output).toContain("main -> main");
    for (const one of [world.remote(app.name), elsewhere])
      expect((await git(folder, "ls-remote", one, "main")).output).toContain(head);
  }

  // While one builds, the other one refuses.
  const head = await commit(folder, { a: "first" });
  const begun = nextBuild();
  const pushing = git(folder, "push", world.remote(app.name), "main");
  const build = await begun;
  expect((await git(folder, "push", elsewhere, "main:topic")).output).toContain(
    `Another push to ${app.name} is running`,
  );
  // The other one may see the build's end first: whoever moves the refs, the push has succeeded.
  build.succeed();
  expect((await git(folder, "ls-remote", elsewhere, "main")).output).toContain(head);
  expect((await pushing).status).toBe(0);
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": head });
  await other.stop();
});

test("many pushes, forced ones too, stay few packs that hold the whole history", async () => {
  const folder = await workTree(world, { a: "0" });
  for (let index = 1; index <= 7; index += 1) {
    await commit(folder, { a: String(index) });
    if (index === 4) await git(folder, "commit", "-q", "--amend", "-m", "rewritten");
    expect((await git(folder, "push", "-f", world.remote(app.name), "main", `main:refs/tags/v${index}`)).status).toBe(
      0,
    );
  }
  const [row] = await world.database.query<{ packs: unknown[] }>("select packs from repositories where app_id = $1", [
    app.id,
  ]);
  expect(row?.packs.length).toBeLessThanOrEqual(3);
  await world.restart({ packsMax: 3 });
  const clone = join(world.folder, `clone-${count}`);
  await git(world.folder, "clone", "-q", world.remote(app.name), clone);
  expect(await headOf(clone)).toBe(await headOf(folder));
  expect((await git(clone, "rev-list", "--all", "--count")).output).toBe(
    (await git(folder, "rev-list", "main", "--count")).output,
  );
  expect((await git(clone, "fsck", "--full", "--strict")).status).toBe(0);
});

test("a cache that is too small drops what is not in use and fetches it again", async () => {
  await world.restart({ cacheBytesMax: 1 });
  const folder = await workTree(world, { a: "1" });
  const other = await world.addApp(`${app.name}-b`);
  for (const name of [app.name, other.name, app.name]) {
    await commit(folder, { a: `${name} ${Math.random()}` });
    expect((await git(folder, "push", world.remote(name), "main")).status).toBe(0);
  }
  expect(world.log.join("")).toContain("Dropped a repository from the cache");
  expect((await git(folder, "ls-remote", world.remote(app.name), "main")).output).toContain(await headOf(folder));
});
