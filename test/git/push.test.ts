import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commit, type GitWorld, git, startGitWorld, storedRefs, token, workTree } from "./world.ts";

let world: GitWorld;
let app: { id: string; name: string };
let count = 0;
beforeAll(async () => {
  world = await startGitWorld();
}, 30_000);
afterAll(() => world.stop());
beforeEach(async () => {
  app = await world.addApp(`app-${++count}`);
  world.api.onBuild = (build) => build.succeed();
  world.api.rollout = [{ status: "up" }];
  world.api.before = () => {};
});

test("a push of main builds its files with the pusher's token, shows the output and the rollout, and is stored", async () => {
  const folder = await workTree(world, {
    "index.js": "hello",
    "left-out.txt": "here",
    ".gitattributes": "left-out.txt export-ignore",
  });
  let source: Buffer = Buffer.alloc(0);
  let version = "";
  world.api.onBuild = (build) => {
    ({ source, version } = build);
    build.write("-----> Building on the stack\n       Done\n");
    build.succeed();
  };
  const pushed = await git(folder, "push", world.remote(app.name), "main");
  expect(pushed.output).toMatch(/remote: -----> Building on the stack *\nremote: {8}Done *\n/);
  expect(pushed.output).toContain("remote: Verifying deploy... done.");
  expect(pushed.status).toBe(0);

  const head = (await git(folder, "rev-parse", "main")).output.trim();
  expect(version).toBe(head);
  expect(source.toString("latin1")).toContain("left-out.txt");
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": head });
  const asked = world.api.requests.filter(({ line }) => line.includes(app.id));
  expect(asked.every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
  expect(world.api.requests.filter(({ line }) => line.startsWith("PUT"))[0]?.authorization).toBeUndefined();
  expect((await git(folder, "push", world.remote(app.name), "main")).output).toContain("Everything up-to-date");
});

test("the history survives the loss of the cache", async () => {
  const folder = await workTree(world, { a: "1" });
  await git(folder, "push", world.remote(app.name), "main");
  for (let index = 2; index <= 24; index += 1) {
    await commit(folder, { a: String(index) });
    if (index % 8 === 0) await git(folder, "push", world.remote(app.name), "main");
  }
  await git(folder, "push", world.remote(app.name), "main:refs/heads/topic");
  await world.restart();
  await git(world.folder, "clone", "-q", world.remote(app.name), `clone-${count}`);
  const clone = join(world.folder, `clone-${count}`);
  expect((await git(clone, "log", "--format=%H")).output).toBe((await git(folder, "log", "--format=%H")).output);
  expect((await git(clone, "rev-parse", "origin/topic")).output).toBe((await git(folder, "rev-parse", "main")).output);
});

test("a build that fails rejects the push with its reason and leaves everything as it was", async () => {
  const folder = await workTree(world, { a: "1" });
  world.api.onBuild = (build) => {
    build.write("-----> Trying\n");
    build.fail("Procfile, line 2: no command");
  };
  const pushed = await git(folder, "push", world.remote(app.name), "main");
  expect(pushed.status).toBe(1);
  expect(pushed.output).toMatch(
    /remote: {2}! {5}Procfile, line 2: no command *\nremote: {2}! {5}Push rejected to app-\d+\./,
  );
  expect(pushed.output).toContain("! [remote rejected] main -> main (pre-receive hook declined)");
  expect(await storedRefs(world, app.id)).toEqual({});
  expect((await git(folder, "ls-remote", world.remote(app.name))).output).toBe("");
});

test("another branch is stored without a build, and main cannot be deleted", async () => {
  const folder = await workTree(world, { a: "1" });
  world.api.onBuild = () => {
    throw new Error("no build is wanted");
  };
  const pushed = await git(folder, "push", world.remote(app.name), "main:topic");
  expect(pushed.output).toContain("remote: Pushed to non-main branch, skipping build.");
  expect(pushed.status).toBe(0);
  expect((await git(folder, "push", world.remote(app.name), ":topic")).status).toBe(0);
  expect(await storedRefs(world, app.id)).toEqual({});

  world.api.onBuild = (build) => build.succeed();
  await git(folder, "push", world.remote(app.name), "main");
  const deleted = await git(folder, "push", world.remote(app.name), ":main");
  expect(deleted.output).toContain("main cannot be deleted");
  expect(deleted.status).toBe(1);
  expect(Object.keys(await storedRefs(world, app.id))).toEqual(["refs/heads/main"]);
});

test("where only master was pushed, it deploys and is what a clone checks out", async () => {
  const folder = await workTree(world, { a: "1" });
  await git(folder, "push", world.remote(app.name), "main:master");
  const clone = join(world.folder, `clone-${count}`);
  await git(world.folder, "clone", "-q", world.remote(app.name), clone);
  expect((await git(clone, "rev-parse", "--abbrev-ref", "HEAD")).output.trim()).toBe("master");
});

test("submodules are told of, since a build does not see them", async () => {
  const folder = await workTree(world, {
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n',
  });
  const pushed = await git(folder, "push", world.remote(app.name), "main");
  expect(pushed.output).toContain("Warning: submodules are not fetched");
  expect(pushed.status).toBe(0);
});

test("while the API is away a push is refused with a sentence", async () => {
  const folder = await workTree(world, { a: "1" });
  world.api.before = () => {
    throw new Error("gone");
  };
  const pushed = await git(folder, "push", world.remote(app.name), "main");
  expect(pushed.output).toContain("remote: The platform's API does not answer: try again in a minute");
  expect(pushed.status).not.toBe(0);
});
