import { expect, test } from "vitest";
import { api, ask, done, ownerToken, quine, run, testPlatform } from "../worlds/platform.ts";

const containers = (format: string) =>
  done("docker", ["ps", "--no-trunc", "--filter", `label=quine.platform=${testPlatform.name}`, "--format", format]);

test("the sample app that `up` pushed answers", async () => {
  const answer = await ask("node-hello.localhost");
  expect(answer.status).toBe(200);
  expect(answer.body).toContain("Hello");
});

test("a second `up` on a running platform changes nothing and shows the sample's URL", async () => {
  const before = (await containers("{{.ID}} {{.Names}}"))
    .split("\n")
    .filter((line) => !line.includes("-sandbox-"))
    .sort();
  const again = await quine("up", "--yes");
  expect(again.status, again.stderr).toBe(0);
  expect(again.stdout + again.stderr).toContain(`http://node-hello.localhost:${testPlatform.httpPort}`);
  const later = (await containers("{{.ID}} {{.Names}}"))
    .split("\n")
    .filter((line) => !line.includes("-sandbox-"))
    .sort();
  expect(later).toEqual(before);
});

test("the platform's own parts are apps", async () => {
  const { stdout } = await quine("apps", "--system");
  for (const name of ["runtime", "router", "api", "compiler", "git", "registry", "postgres", "logs"])
    expect(stdout).toContain(name);
  for (const name of ["runtime", "router", "api", "git", "registry", "postgres", "logs"]) {
    const ps = await quine("ps", "-a", name);
    expect(ps.stdout, name).toContain(`${name}.1: up`);
    const releases = await quine("releases", "-a", name);
    expect(releases.stdout, name).toContain("Bootstrap");
  }
  const logs = await quine("logs", "-a", "api", "-n", "50");
  expect(logs.stdout).toMatch(/app\[api\.1\]|heroku\[api\.1\]/);
});

test("only the runtime has the engine's socket", async () => {
  const ids = (await containers("{{.ID}}")).trim().split("\n");
  const holders: string[] = [];
  for (const id of ids) {
    const [container] = JSON.parse(await done("docker", ["inspect", id])) as {
      Name: string;
      Mounts: { Source: string }[];
      HostConfig: { Privileged: boolean; PidMode: string; NetworkMode: string };
    }[];
    if (container === undefined) continue;
    const hasSocket = container.Mounts.some(
      ({ Source }) =>
        "/var/run/docker.sock".startsWith(Source) ||
        "/run/docker.sock".startsWith(Source) ||
        Source.includes("docker.sock"),
    );
    if (hasSocket) holders.push(container.Name);
    expect(container.HostConfig.Privileged).toBe(false);
    if (!hasSocket) expect(container.HostConfig.NetworkMode).not.toBe("host");
  }
  expect(holders).toHaveLength(1);
  expect(holders[0]).toContain(`${testPlatform.name}-runtime-runtime.1-`);
});

test("after the handover nothing of the seed runs on the host", async () => {
  const { stdout } = await run("pgrep", ["-af", "services/seed/main.ts"]);
  expect(stdout.split("\n").filter((line) => line.includes(testPlatform.dataDir))).toEqual([]);
});

test("`env` prints what points curl, git and the Heroku CLI at the platform", async () => {
  const { stdout } = await quine("env");
  const seen = await done("bash", [
    "-c",
    `${stdout}\ncurl -s -H "Authorization: Bearer $HEROKU_API_KEY" -H "Accept: application/vnd.heroku+json; version=3" "$HEROKU_HOST/account"`,
  ]);
  expect(JSON.parse(seen)).toHaveProperty("email");
  const overTls = await done("bash", [
    "-c",
    `${stdout}\ncurl -s --cacert "$GIT_SSL_CAINFO" -o /dev/null -w '%{http_code}' "https://localhost:${testPlatform.httpsPort}/account"`,
  ]);
  expect(overTls).toBe("401");
});

test("`status` tells of each part", async () => {
  const status = await quine("status");
  expect(status.status, status.stdout + status.stderr).toBe(0);
  for (const name of ["runtime", "router", "api", "git", "registry", "postgres", "logs"])
    expect(status.stdout).toContain(name);
});

test("the token is asked for", async () => {
  expect((await ask("api.localhost", "/account")).status).toBe(401);
  expect((await api("GET", "/account")).status).toBe(200);
  expect((await ownerToken()).length).toBeGreaterThan(20);
});
