// Long because every command of the program is told in one table, as a person would type it.
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ApiWorld, dyno, me, startApiWorld } from "../worlds/api.ts";
import { quine, type Ran, withFolder } from "./quine.ts";

const run = promisify(execFile);

let world: ApiWorld;
beforeEach(async () => {
  world = await startApiWorld();
});
afterEach(async () => {
  await world.stop();
});

const variables = () => ({ HEROKU_HOST: world.origin, HEROKU_API_KEY: world.token });
/** Runs a command line against the world; no word of it holds a blank. */
function on(line: string, more: Record<string, string> = {}, folder?: string): Promise<Ran> {
  return quine(line.split(" "), {
    variables: { ...variables(), ...more },
    ...(folder === undefined ? {} : { folder }),
  });
}
const ok = (stdout: string | RegExp) => ({
  status: 0,
  stdout: typeof stdout === "string" ? stdout : expect.stringMatching(stdout),
});

describe("which platform", () => {
  test("none is known: says what to do", async () => {
    const ran = await quine(["apps"]);
    expect(ran).toMatchObject({ status: 1, stdout: "" });
    expect(ran.stderr).toMatch(/cli\.json does not exist\.\n.*quine up/s);
  });
  test("the one in the data folder", async () => {
    await withFolder(async (folder) => {
      await writeFile(join(folder, "cli.json"), JSON.stringify({ host: world.origin, token: world.token }));
      expect(await quine(["whoami"], { variables: { QUINE_DATA: folder } })).toEqual({
        status: 0,
        stdout: `${me}\n`,
        stderr: "",
      });
      // Its token is not for a host from elsewhere.
      const ran = await quine(["whoami"], { variables: { QUINE_DATA: folder, HEROKU_HOST: "http://localhost:1" } });
      expect([ran.status, ran.stderr]).toEqual([
        1,
        " ▸    HEROKU_HOST is set but HEROKU_API_KEY is not: set both, or neither\n",
      ]);
      await writeFile(join(folder, "cli.json"), "{");
      expect((await quine(["whoami"], { variables: { QUINE_DATA: folder } })).stderr).toMatch(
        /host or token is missing/,
      );
    });
  });
  test("it is down", async () => {
    await world.stop();
    const ran = await on("apps");
    expect([ran.status, ran.stderr.split("\n")]).toEqual([
      1,
      [
        ` ▸    Cannot reach the platform at ${world.origin}: nothing listens there.`,
        " ▸    See what runs with: quine status",
        "",
      ],
    ]);
    world = await startApiWorld();
  });
  test("it refuses the token, which is not repeated", async () => {
    const ran = await on("whoami", { HEROKU_API_KEY: "another" });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/refuses the token/);
    expect(ran.stderr).not.toContain("another");
  });
});

describe("which app", () => {
  test("-a, HEROKU_APP, then the git remotes", async () => {
    for (const name of ["one", "two", "three"]) world.addApp(name).vars.NAME = name;
    await withFolder(async (folder) => {
      await run("git", ["init", "-q", folder]);
      await run("git", ["-C", folder, "remote", "add", "heroku", `${world.origin}/three.git`]);
      expect((await on("config:get NAME -a one", { HEROKU_APP: "two" }, folder)).stdout).toBe("one\n");
      expect((await on("config:get NAME", { HEROKU_APP: "two" }, folder)).stdout).toBe("two\n");
      expect((await on("config:get NAME", {}, folder)).stdout).toBe("three\n");
      expect((await on("config:get NAME -r heroku", { HEROKU_APP: "two" }, folder)).stdout).toBe("three\n");
    });
    expect(await on("config:get NAME")).toMatchObject({ status: 2, stderr: expect.stringContaining("Which app?") });
  });
  test("an unknown one", async () => {
    expect(await on("ps -a nobody")).toEqual({ status: 1, stdout: "", stderr: " ▸    Couldn't find that app.\n" });
  });
});

describe("apps", () => {
  test("are listed, page after page", async () => {
    for (const name of ["echo", "bravo", "alpha", "delta", "charlie"]) world.addApp(name);
    world.addApp("router", { system: true });
    world.addApp("theirs", { owner: "other@example.com" });
    expect(await on("apps")).toMatchObject(ok(`=== ${me} Apps\n\nalpha\nbravo\ncharlie\ndelta\necho\n`));
    expect(await on("apps --system")).toMatchObject(ok("=== System Apps\n\nrouter\n"));
    expect((await on("apps --all")).stdout).toContain("theirs   other@example.com\n");
    expect(JSON.parse((await on("apps --json")).stdout)).toHaveLength(5);
  });
  test("are created, with a remote that asks us for its password", async () => {
    await withFolder(async (folder) => {
      await run("git", ["init", "-q", folder]);
      expect(await on("create my-app -b https://example.org/pack.git", {}, folder)).toEqual({
        status: 0,
        stdout: `${world.origin.replace("localhost", "my-app.localhost")}/ | ${world.origin}/my-app.git\n`,
        stderr: "Creating ⬢ my-app... done, ⬢ my-app\nSetting buildpack to https://example.org/pack.git... done\n",
      });
      const { stdout } = await run("git", ["-C", folder, "config", "--list", "--local"]);
      expect(stdout).toContain(`remote.heroku.url=${world.origin}/my-app.git\n`);
      expect(stdout).toMatch(new RegExp(`credential\\.${world.origin}\\.helper=!'.*/bin/quine' git:credentials\n`));
      expect(stdout).not.toContain(world.token);
      expect(await on("create my-app", {}, folder)).toMatchObject({
        status: 1,
        stderr: "Creating ⬢ my-app... !\n ▸    Name is already taken\n",
      });
      await on("rename other-app", {}, folder);
      expect((await run("git", ["-C", folder, "remote", "get-url", "heroku"])).stdout).toBe(
        `${world.origin}/other-app.git\n`,
      );
      expect((await on("destroy --confirm other-app", {}, folder)).status).toBe(0);
      expect((await run("git", ["-C", folder, "remote"])).stdout).toBe("");
    });
  });
  test("are shown", async () => {
    world.addApp("my-app", { isDeployed: true });
    const { stdout } = await on("info my-app");
    expect(stdout).toMatch(
      /^=== my-app\n\nCreated: {2}2026\/01\/02 03:04:05 \+0000 \(~ \d+[dh] ago\)\nDynos: {4}web: 1\n/,
    );
    expect((await on("info -a my-app --shell")).stdout).toContain(`git_url=${world.origin}/my-app.git\n`);
    expect(JSON.parse((await on("info -a my-app --json")).stdout)).toMatchObject({ name: "my-app" });
    expect((await on("open /about -a my-app", { PATH: "/nonexistent" })).stdout).toBe(
      `${world.origin.replace("localhost", "my-app.localhost")}/about\n`,
    );
  });
  test("are not destroyed without their name", async () => {
    world.addApp("my-app");
    expect(await on("apps:destroy my-app")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--confirm my-app"),
    });
    expect(await on("apps:destroy my-app --confirm other")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("nothing was destroyed"),
    });
    expect(world.seen.some(({ method }) => method === "DELETE")).toBe(false);
  });
});

test("config vars", async () => {
  world.addApp("my-app", { isDeployed: true });
  expect(await quine(["config:set", "A=1", "B=it's two", "-a", "my-app"], { variables: variables() })).toEqual({
    status: 0,
    stdout: "\nA: 1\nB: it's two\n",
    stderr: "Setting A, B and restarting ⬢ my-app... done, v3\n",
  });
  expect(await on("config -a my-app")).toMatchObject(ok("=== my-app Config Vars\n\nA: 1\nB: it's two\n"));
  expect(await on("config -s -a my-app")).toMatchObject(ok("A=1\nB='it'\\''s two'\n"));
  expect(await on("config:get B NONE -a my-app")).toMatchObject(ok("it's two\n\n"));
  expect((await on("config:unset A -a my-app")).stderr).toBe("Unsetting A and restarting ⬢ my-app... done, v4\n");
  expect(JSON.parse((await on("config --json -a my-app")).stdout)).toEqual({ B: "it's two" });
});

describe("dynos", () => {
  test("are listed by type, one-offs apart", async () => {
    const app = world.addApp("my-app", { isDeployed: true });
    app.dynos.push(
      dyno("run.4821", "bash", "up", 2),
      dyno("web.10", "npm start", "crashed", 2),
      dyno("web.2", "npm start", "starting", 2),
    );
    const { stdout } = await on("ps -a my-app");
    expect(stdout.replace(/ 2026\S+ \S+ \S+ \(.*?\)/g, "")).toBe(
      "=== web (Basic): npm start (3)\n\nweb.1: up\nweb.2: starting\nweb.10: crashed\n\n=== run: one-off processes (1)\n\nrun.4821: up: bash\n",
    );
    expect(JSON.parse((await on("ps run --json -a my-app")).stdout)).toMatchObject([{ name: "run.4821" }]);
    expect((await on("ps clock -a my-app")).status).toBe(1);
  });
  test("are scaled, by the platform's sum", async () => {
    world.addApp("my-app", { isDeployed: true });
    expect(await on("ps:scale -a my-app")).toMatchObject(ok("web=1:Basic worker=0:Basic\n"));
    expect((await on("scale web+1 worker=1:Standard-1X -a my-app")).stderr).toBe(
      "Scaling dynos... done, now running web at 2:Basic, worker at 1:Standard-1X\n",
    );
    expect(world.seen.at(-1)?.body).toEqual({
      updates: [
        { type: "web", quantity: "+1" },
        { type: "worker", quantity: "1", size: "Standard-1X" },
      ],
    });
    expect(await on("scale clock=1 -a my-app")).toMatchObject({ status: 1 });
  });
  test.each([
    ["restart", "DELETE /apps/my-app/dynos", "Restarting all dynos on ⬢ my-app... done\n"],
    ["restart web.1", "DELETE /apps/my-app/dynos/web.1", "Restarting dyno web.1 on ⬢ my-app... done\n"],
    ["ps:restart -p web", "DELETE /apps/my-app/formations/web", "Restarting all web dynos on ⬢ my-app... done\n"],
    ["ps:stop -d web.1", "POST /apps/my-app/dynos/web.1/actions/stop", "Stopping dyno web.1 on ⬢ my-app... done\n"],
    ["kill web", "POST /apps/my-app/formations/web/actions/stop", "Stopping all web dynos on ⬢ my-app... done\n"],
  ])("%s is %s", async (line, request, stderr) => {
    world.addApp("my-app", { isDeployed: true });
    expect(await on(`${line} -a my-app`)).toEqual({ status: 0, stdout: "", stderr });
    const last = world.seen.at(-1);
    expect(`${last?.method} ${last?.path}`).toBe(request);
  });
  test("are waited for", async () => {
    const app = world.addApp("my-app", { isDeployed: true });
    expect((await on("ps:wait -a my-app")).stderr).toBe("All 1 dynos run v2\n");
    app.dynos.push(dyno("web.2", "npm start", "starting", 2));
    const ran = await on("ps:wait --timeout 1 -w 2 -a my-app");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("Waiting for every dyno to run v2: 1 of 2\n");
  });
});

test("releases, and back", async () => {
  const app = world.addApp("my-app", { isDeployed: true });
  app.vars.A = "1";
  expect((await on("releases -a my-app")).stdout).toMatch(
    /^=== my-app Releases - Current: v2\n\nv2 {2}Deploy 1234567 {3}me@example\.com {2}2026.*\nv1 {2}Initial release {2}me/,
  );
  expect(JSON.parse((await on("releases -n 1 --json -a my-app")).stdout)).toMatchObject([{ version: 2 }]);
  expect((await on("releases:info v1 -a my-app")).stdout).toMatch(
    /^=== Release v1\n\nBy: {5}me@.*\nChange: Initial release\n.*=== v1 Config Vars\n\nA: 1\n$/s,
  );
  expect((await on("rollback -a my-app")).stderr).toMatch(/^Rolling back ⬢ my-app to v1\.\.\. done, v3\n/);
  expect((await on("rollback v9 -a my-app")).stderr).toBe(" ▸    Couldn't find that release.\n");
  expect((await on("releases -n no -a my-app")).status).toBe(2);
});

test("builds", async () => {
  world.addApp("my-app");
  expect(await on("builds:output -a my-app")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("no such build"),
  });
  const good = world.addBuild("my-app", "succeeded", "-----> Building\n\0\0done\n");
  const bad = world.addBuild("my-app", "failed", "-----> Hm\n");
  expect(await on(`builds:output ${good} -a my-app`)).toEqual({
    status: 0,
    stdout: "-----> Building\ndone\n",
    stderr: "",
  });
  expect(world.seen.find(({ path }) => path.startsWith("/outputs/"))?.authorization).toBeUndefined();
  expect(await on("builds:output -a my-app")).toEqual({
    status: 1,
    stdout: "-----> Hm\n",
    stderr: " ▸    The compiler found no language.\n",
  });
  const lines = (await on("builds -a my-app")).stdout.split("\n");
  expect(lines[2]).toMatch(new RegExp(`^${bad}  failed     12345678  me@`));
  expect((await on("builds:info -a my-app")).stdout).toContain("Why:    The compiler found no language.\n");
  expect((await on("builds:cancel -a my-app")).status).toBe(1);
  const running = world.addBuild("my-app", "pending", "");
  expect((await on("builds:cancel -a my-app")).stderr).toBe(`Stopping build ${running}... done\n`);
});

test("domains and buildpacks", async () => {
  world.addApp("my-app");
  expect(await on("domains:add www.example.org -a my-app")).toMatchObject(
    ok("Point the DNS entry of www.example.org to my-app.localhost\n"),
  );
  expect((await on("domains -a my-app")).stdout).toBe(
    "=== my-app Platform Domain\n\nmy-app.localhost\n\n=== my-app Custom Domains\n\nDomain Name      DNS Target\nwww.example.org  my-app.localhost\n",
  );
  expect((await on("domains:remove www.example.org -a my-app")).status).toBe(0);
  expect((await on("domains:remove www.example.org -a my-app")).status).toBe(1);

  expect((await on("buildpacks:set heroku/nodejs -a my-app")).stdout).toContain("will use:\n  heroku/nodejs\n");
  expect((await on("buildpacks:add heroku/apt -i 1 -a my-app")).status).toBe(0);
  expect(await on("buildpacks -a my-app")).toMatchObject(
    ok("=== my-app Buildpacks\n\n1. heroku/apt\n2. heroku/nodejs\n"),
  );
  expect((await on("buildpacks:remove heroku/apt -a my-app")).status).toBe(0);
  expect((await on("buildpacks:clear -a my-app")).status).toBe(0);
  expect((await on("buildpacks -a my-app")).stdout).toMatch(/no buildpack set/);
});

describe("git asks for a password", () => {
  const ask = (protocol: string, host: string, operation = "get") =>
    quine(["git:credentials", operation], { variables: variables(), input: `protocol=${protocol}\nhost=${host}\n\n` });
  test("and gets it for the platform alone", async () => {
    const host = new URL(world.origin).host;
    expect(await ask("http", host)).toEqual({
      status: 0,
      stdout: `username=heroku\npassword=${world.token}\n`,
      stderr: "",
    });
    for (const other of ["example.org", "localhost.example.org", "localhost@example.org"]) {
      expect((await ask("https", other)).stdout, other).toBe("");
    }
    expect((await ask("ssh", host)).stdout).toBe("");
    expect((await ask("http", host, "store")).stdout).toBe("");
  });
});

describe("the command line", () => {
  test.each([
    ["psscale", 2, ' ▸    There is no command "psscale".\n ▸    Did you mean ps:scale?\n'],
    ["logs -d web.1 -p web -a x", 2, " ▸    -d and -p cannot be used together.\n"],
    ["ps:stop -a x", 2, " ▸    Which dynos? Name one with -d DYNO, or a type with -p TYPE.\n"],
  ])("%s exits with %i", async (line, status, stderr) => {
    expect(await on(line)).toEqual({ status, stdout: "", stderr });
  });
  test("helps without a platform", async () => {
    const all = await quine(["--help"]);
    expect(all).toMatchObject({ status: 0, stderr: "" });
    expect(all.stdout).toMatch(/ {2}up +bring the platform up.*config:set +set config vars/s);
    expect((await quine(["ps:scale", "--help"])).stdout).toMatch(
      /Usage: quine ps:scale .*Also: scale, dyno:scale\n.*-a, --app APP/s,
    );
    expect((await quine(["help", "config"])).stdout).toMatch(/More of config:\n {2}config:get/);
    expect((await quine(["version"])).stdout).toMatch(/^quine\/\d+\.\d+\.\d+ linux-x64 node-v/);
  });
  test("a reader that leaves is no failure", async () => {
    for (let count = 0; count < 30; count++) world.addApp(`app-${count}`);
    const { stdout } = await run(
      "bash",
      [
        "-c",
        `set -o pipefail; "$0" "$1" apps --json | head -c 20; echo " $?"`,
        process.execPath,
        new URL("../../services/cli/main.ts", import.meta.url).pathname,
      ],
      {
        env: { ...process.env, ...variables() },
      },
    );
    expect(stdout).toMatch(/ 0\n$/);
  });
});
