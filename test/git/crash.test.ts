import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
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
  after: "old" | "new",
][] = [
  ["asks who the pusher is", "api", /^GET \/apps\/[^/]+$/, "old"],
  ["asks for a source", "api", /^POST \/apps\/[^/]+\/sources/, "old"],
  ["uploads the source", "api", /^PUT \/sources/, "old"],
  ["asks for the build", "api", /^POST \/apps\/[^/]+\/builds/, "old"],
  ["follows the output", "api", /^GET \/_logs/, "old"],
  ["looks at the build", "api", /^GET \/apps\/[^/]+\/builds\//, "old"],
  ["begins to store a pack", "registry", /^to server: POST \/v2/, "old"],
  ["sends the pack", "registry", /^to server: PUT \/v2/, "old"],
  ["hears that the pack is stored", "registry", /^to client: HTTP\/1.1 201/, "old"],
  ["writes the row", "database", /^to server: .*update repositories/s, "old"],
  ["hears that the row is written", "database", /^to client: .*UPDATE 1/s, "new"],
  ["asks for the rollout", "api", /\/rollout/, "new"],
];

let count = 0;
test.each(moments)("killed when it %s, the repository is whole", async (_name, where, pattern, after) => {
  const app = await world.addApp(`crash-${++count}`);
  const folder = await workTree(world, { a: "old" });
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
  const before = (await git(folder, "rev-parse", "HEAD")).output.trim();
  const pushed = await commit(folder, { a: "new" });

  const { child, port } = await startProgram();
  const gone = once(child, "exit");
  let struck = false;
  const strike = (text: string): boolean => {
    if (!struck && pattern.test(text)) {
      struck = true;
      child.kill("SIGKILL");
    }
    return !struck;
  };
  if (where === "registry") registryTap.see = (text, direction) => strike(`${direction}: ${text}`);
  if (where === "database") databaseTap.see = (text, direction) => strike(`${direction}: ${text}`);
  if (where === "api")
    world.api.before = (line) => {
      if (!strike(line) && child.exitCode === null && child.signalCode === null) return gone.then(() => {});
    };
  await git(folder, "push", `http://any:${token}@127.0.0.1:${port}/${app.name}.git`, "main");
  await gone;
  expect(struck).toBe(true);
  registryTap.see = () => true;
  databaseTap.see = () => true;
  world.api.before = () => {};

  const expected = after === "old" ? before : pushed;
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": expected });
  await world.restart();
  const clone = join(world.folder, `clone-${count}`);
  await git(world.folder, "clone", "-q", world.remote(app.name), clone);
  expect((await git(clone, "rev-parse", "HEAD")).output.trim()).toBe(expected);
  expect((await git(clone, "fsck", "--full", "--strict")).status).toBe(0);
  expect((await git(folder, "push", world.remote(app.name), "main")).status).toBe(0);
  expect(await storedRefs(world, app.id)).toEqual({ "refs/heads/main": pushed });
});

test("SIGTERM ends the program within its grace time with status 0", async () => {
  const { child } = await startProgram();
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  expect(await gone).toEqual([0, null]);
});
