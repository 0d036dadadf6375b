import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AppWorld, createApp } from "../worlds/app.ts";
import { api, ask, done, eventually, superuser, testPlatform } from "../worlds/platform.ts";

/** What a build leaves on the machine while it runs. */
const buildContainers = async () =>
  (
    await done("docker", [
      "ps",
      "-a",
      "--filter",
      `label=quine.platform=${testPlatform.name}`,
      "--filter",
      "label=quine.app=compiler",
      "--format",
      "{{.Names}}",
    ])
  ).trim();

describe("a good app", () => {
  let app: AppWorld;
  beforeAll(async () => {
    app = await createApp("story-hello", "node-hello");
  });
  afterAll(() => app.destroy());

  test("is built, released and answers; the pusher sees every step", async () => {
    await app.commit("first");
    const pushed = await app.push();
    expect(pushed.status, pushed.stderr).toBe(0);
    for (const words of [
      "-----> Node.js app detected",
      "-----> Discovering process types",
      "-----> Compressing",
      "-----> Launching...",
      "Released v",
      "deployed to Quine",
      "Verifying deploy... done",
    ]) {
      expect(pushed.stderr).toMatch(new RegExp(`remote: .*${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
    }
    expect((await ask("story-hello.localhost")).status).toBe(200);
  });

  test("a change is live when the push returns", async () => {
    await app.write(
      "server.js",
      'import { createServer } from "node:http";\ncreateServer((q, s) => s.end("changed\\n")).listen(process.env.PORT);\n',
    );
    await app.commit("change");
    const pushed = await app.push();
    expect(pushed.status, pushed.stderr).toBe(0);
    await eventually(
      "the new release",
      () => ask("story-hello.localhost"),
      (answer) => answer.body === "changed\n",
      5_000,
    );
  });

  test("pushing again does nothing; another branch is stored, not built", async () => {
    const again = await app.push();
    expect(again.stderr).toContain("Everything up-to-date");
    const before = (await api<unknown[]>("GET", "/apps/story-hello/releases")).value.length;
    const branch = await app.push("HEAD:refs/heads/topic");
    expect(branch.status, branch.stderr).toBe(0);
    expect(branch.stderr).toContain("skipping build");
    expect((await api<unknown[]>("GET", "/apps/story-hello/releases")).value.length).toBe(before);
  });

  test("the repository survives the git dyno", async () => {
    await done("bash", [
      "-c",
      `docker kill $(docker ps -q --filter label=quine.platform=${testPlatform.name} --filter label=quine.app=git)`,
    ]);
    const head = (await app.git("rev-parse", "HEAD")).trim();
    const refs = await eventually("the git app to come back", app.remoteRefs, (text) => text !== "");
    expect(refs).toContain(`${head}\trefs/heads/main`);
    expect(refs).toContain(`${head}\trefs/heads/topic`);
    const log = await app.cloneLog();
    expect(log.trim().split("\n")).toEqual(["change", "first"]);
  });
});

test("a build that hangs ends at its time limit, with the reason", async () => {
  const app = await createApp("story-hanging", "hanging-build");
  try {
    await app.commit("first");
    const pushing = app.push();
    await eventually("the build to run", buildContainers, (names) => names !== "", 30_000);
    // A quarter of an hour is long for a story: this build's limit is made ten seconds.
    await superuser(
      "update one_offs set time_limit_seconds = 10 where id = (select one_off_id from builds where status = 'pending')",
    );
    const pushed = await pushing;
    expect(pushed.status).not.toBe(0);
    expect(pushed.stderr).toMatch(/time limit/);
    expect(pushed.stderr).toContain("pre-receive hook declined");
    expect(await app.remoteRefs()).toBe("");
    await eventually("the build's container to go", buildContainers, (names) => names === "", 60_000);
  } finally {
    await app.destroy();
  }
});

describe("bad input: the reason is in the pusher's terminal, the ref stays, nothing is left", () => {
  test.each<[string, string, RegExp]>([
    ["no language", "no-language", /No default language could be detected|language/i],
    ["a broken package.json", "broken-package-json", /package\.json/],
    ["a bad line in the Procfile", "bad-procfile", /Procfile.*line \d+/s],
    ["a build that fails", "failing-build", /failed/i],
    ["a fork bomb", "fork-bomb", /failed|processes|limit/i],
    ["a full disk", "disk-filler", /disk/i],
  ])("%s", async (_, sample, reason) => {
    const app = await createApp(`story-${sample}`.slice(0, 30), sample);
    try {
      await app.commit("first");
      const pushed = await app.push();
      expect(pushed.status).not.toBe(0);
      expect(pushed.stderr).toMatch(reason);
      expect(pushed.stderr).toContain("pre-receive hook declined");
      expect(await app.remoteRefs()).toBe("");
      expect((await ask("node-hello.localhost")).status).toBe(200);
      await eventually("the build's container to go", buildContainers, (names) => names === "", 20_000);
      const builds = await api<{ status: string }[]>("GET", `/apps/${app.name}/builds`);
      expect(builds.value.map((build) => build.status)).toEqual(["failed"]);
    } finally {
      await app.destroy();
    }
  });
});
