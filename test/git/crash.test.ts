import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuildInHand } from "../worlds/platform-api.ts";
import { startTap, type Tap } from "../worlds/tap.ts";
import { commit, type GitWorld, git, startGitWorld, storedRefs, token, workTree } from "./world.ts";

// The service as a program of its own, killed at each thing it says to the world during a push. What it says to the API is seen by
// the API, what it says to registry and database by taps on the wire.
let world: GitWorld;
let registryTap: Tap;
let databaseTap: Tap;
beforeAll(async () => {
  world = await startGitWorld();
  registryTap = await startTap(new URL(world.settings.registryUrl));
  databaseTap = await startTap(new URL(world.settings.databaseUrl));
}, 30_000);
afterAll(async () => {
  await registryTap.stop();
  await databaseTap.stop();
  await world.stop();
});

async function startProgram(): Promise<{ child: ChildProcess; port: string }> {
  const databaseUrl = new URL(world.settings.databaseUrl);
  databaseUrl.port = String(databaseTap.port);
  const child = spawn(process.execPath, ["services/git/main.ts"], {
    env: world.programEnvironment({
      DATABASE_URL: databaseUrl.href,
      REGISTRY_URL: `http://127.0.0.1:${registryTap.port}`,
      REPOSITORIES_DIR: join(world.folder, "program"),
    }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const found = /Ready port=(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (status) => reject(new Error(`the service ended with ${status}: ${said}`)));
  });
  return { child, port };
}

const moments: readonly [
  name: string,
  where: "api" | "registry" | "database",
  pattern: RegExp,
  row: "old" | "new",
  /** What a new service makes of it. */
  after: "old" | "new",
  /** Which time the pattern is seen. */
  occurrence?: number,
][] = [
  ["asks who the pusher is", "api", /^GET \/apps\/[^/]+$/, "old", "old"],
  ["asks for a source", "api", /^POST \/apps\/[^/]+\/sources/, "old", "old"],
  ["uploads the source", "api", /^PUT \/sources/, "old", "old"],
  ["begins to store a pack", "registry", /^to server: POST \/v2/, "old", "old"],
  ["sends the pack", "registry", /^to server: PUT \/v2/, "old", "old"],
  ["hears that the pack is stored", "registry", /^to client: HTTP\/1.1 201/, "old", "old"],
  ["writes that the push is pending", "database", /^to server: .*update repositories set pending = \$2/s, "old", "old"],
  ["hears that the push is pending", "database", /^to client: .*UPDATE 1/s, "old", "old"],
  // The request dies with the service here: no build.
  ["asks for the build", "api", /^POST \/apps\/[^/]+\/builds/, "old", "old"],
  ["notes the build", "database", /^to server: .*update repositories set pending = pending/s, "old", "new"],
  ["follows the output", "api", /^GET \/_logs/, "old", "new"],
  ["looks at the build", "api", /^GET \/apps\/[^/]+\/builds\//, "old", "new"],
  ["writes the row", "database", /^to server: .*update repositories set refs/s, "old", "new"],
  ["hears that the row is written", "database", /^to client: .*UPDATE 1/s, "new", "new", 3],
  ["asks for the rollout", "api", /\/rollout/, "new", "new"],
];

let count = 0;
test.each(moments)("killed when it %s, the repository is whole", async (...moment) => {
  const [, where, pattern, row, after, occurrence = 1] = moment;
  const app = await world.addApp(`crash-${++count}`);
  const folder = await workTree(world, { a: "old" });
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
  const before = (await git(folder, "rev-parse", "HEAD")).output.trim();
  const pushed = await commit(folder, { a: "new" });

  const { child, port } = await startProgram();
  const gone = once(child, "exit");
  let struck = false;
  let seen = 0;
  const strike = (text: string): boolean => {
    if (!struck && pattern.test(text) && ++seen === occurrence) {
      struck = true;
      child.kill("SIGKILL");
    }
    return !struck;
  };
  if (where === "registry") registryTap.see = (text, direction) => strike(`${direction}: ${text}`);
  if (where === "database") databaseTap.see = (text, direction) => strike(`${direction}: ${text}`);
  if (where === "api")
    world.api.before = async (line) => {
      if (strike(line)) return;
      // What the dying service had asked for dies with it, whatever of it had arrived.
      await gone;
      return false;
    };
  await git(folder, "push", `http://any:${token}@127.0.0.1:${port}/${app.name}.git`, "main");
  await gone;
  expect(struck).toBe(true);
  registryTap.see = () => true;
  databaseTap.see = () => true;
  world.api.before = () => {};

  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": row === "old" ? before : pushed });
  await world.restart({ journalGraceMs: 0 });
  const expected = after === "old" ? before : pushed;
  const clone = join(world.folder, `clone-${count}`);
  await git(world.folder, "clone", "-q", world.remote(app.name), clone);
  expect((await git(clone, "rev-parse", "HEAD")).output.trim()).toBe(expected);
  expect((await git(clone, "fsck", "--full", "--strict")).status).toBe(0);
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": pushed });
});

test.each(["succeeds", "fails"] as const)("killed during a build that then %s, the push is settled", async (end) => {
  const app = await world.addApp(`crash-${++count}`);
  const folder = await workTree(world, { a: "old" });
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
  const before = (await git(folder, "rev-parse", "HEAD")).output.trim();
  const pushed = await commit(folder, { a: "new" });
  const pendingBuild = async () =>
    (
      await world.database.query<{ pending: { build_id?: string } | null }>(
        "select pending from repositories where app_id = $1",
        [app.id],
      )
    )[0]?.pending?.build_id;

  const { child, port } = await startProgram();
  const begun = new Promise<BuildInHand>((resolve) => {
    world.api.onBuild = resolve;
  });
  const pushing = git(folder, "push", `http://any:${token}@127.0.0.1:${port}/${app.name}.git`, "main", "main:also");
  const build = await begun;
  await expect.poll(pendingBuild).toBe(build.id);
  child.kill("SIGKILL");
  expect((await pushing).status).not.toBe(0);

  await world.restart({ journalGraceMs: 0 });
  const listed = async () => (await git(folder, "ls-remote", world.remote(app.name))).output;
  expect(await listed()).not.toContain(pushed);
  const refused = await git(folder, "push", world.remote(app.name), "main:topic");
  expect(refused.output).toContain(`Another push to ${app.name} is running`);

  if (end === "succeeds") build.succeed();
  else build.fail();
  world.api.onBuild = (next) => next.succeed();
  const expected = end === "succeeds" ? pushed : before;
  expect(await listed()).toContain(`${expected}\trefs/heads/main`);
  const also = end === "succeeds" ? { "refs/heads/also": pushed } : {};
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": expected, ...also });
  expect(await pendingBuild()).toBeUndefined();
  const clone = join(world.folder, `clone-${count}`);
  await git(world.folder, "clone", "-q", world.remote(app.name), clone);
  expect((await git(clone, "rev-parse", "HEAD")).output.trim()).toBe(expected);
  expect((await git(clone, "fsck", "--full", "--strict")).status).toBe(0);
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
});

test("SIGTERM ends the program within its grace time with status 0", async () => {
  const { child } = await startProgram();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
});
