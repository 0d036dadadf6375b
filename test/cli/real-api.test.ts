import { afterAll, beforeAll, expect, test } from "vitest";
import { ownerToken, type ApiWorld as RealApi, startApiWorld as startRealApi } from "../api/world.ts";
import { type ApiWorld as StandIn, startApiWorld as startStandIn } from "../worlds/api.ts";
import { quine } from "./quine.ts";

let real: RealApi;
let standIn: StandIn;
beforeAll(async () => {
  [real, standIn] = await Promise.all([startRealApi(), startStandIn()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([real?.stop(), standIn?.stop()]);
});

/** What differs by right between the two: addresses, accounts, times, ids, and the numbers of releases. */
function normal(text: string): string {
  return text
    .replace(/http:\/\/(my-app\.|other-app\.)?localhost:\d+/g, "http://$1localhost:PORT")
    .replace(/\S+@\S+/g, "EMAIL")
    .replace(/\d{4}\/\d\d\/\d\d \S+ \+0000 \(~ \d+\w ago\)/g, "TIME")
    .replace(/\bv\d+\b/g, "vN")
    .replace(/ {2,}/g, "  ");
}

// Each line is typed at the API itself and at the stand-in that the other tests of the command use: it must not matter which.
test("the stand-in answers as the API does", { timeout: 60_000 }, async () => {
  const story = [
    "create my-app",
    "config:set A=1 B=two -a my-app",
    "config -a my-app",
    "config:get A NONE -a my-app",
    "config:unset A -a my-app",
    "info my-app",
    "ps -a my-app",
    "ps:scale -a my-app",
    "builds -a my-app",
    "builds:output -a my-app",
    "buildpacks -a my-app",
    "buildpacks:set https://example.org/pack.git -a my-app",
    "buildpacks -a my-app",
    "buildpacks:clear -a my-app",
    "domains:add www.example.org -a my-app",
    "domains -a my-app",
    "domains:remove www.example.org -a my-app",
    "domains:remove www.example.org -a my-app",
    "releases:info v9 -a my-app",
    "restart -d web.7 -a my-app",
    "rename other-app -a my-app",
    "apps",
    "apps:destroy other-app --confirm other-app",
    "info other-app",
  ];
  const at = (origin: string, token: string, line: string) =>
    quine(line.split(" "), { variables: { HEROKU_HOST: origin, HEROKU_API_KEY: token } });
  for (const line of story) {
    const [expected, got] = await Promise.all([
      at(real.url, ownerToken, line),
      at(standIn.origin, standIn.token, line),
    ]);
    expect({ line, status: got.status, stdout: normal(got.stdout), stderr: normal(got.stderr) }).toEqual({
      line,
      status: expected.status,
      stdout: normal(expected.stdout),
      stderr: normal(expected.stderr),
    });
    expect(expected.stderr, line).not.toContain("bug");
  }
});

test("the platform's own apps are shown to its owner", async () => {
  const variables = { HEROKU_HOST: real.url, HEROKU_API_KEY: ownerToken };
  const { stdout } = await quine(["apps", "--system"], { variables });
  for (const name of ["api", "logs", "postgres", "quine", "router", "runtime"]) expect(stdout).toContain(`\n${name}\n`);
  expect((await quine(["releases", "-a", "router"], { variables })).status).toBe(0);
  expect((await quine(["apps:destroy", "router", "--confirm", "router"], { variables })).status).toBe(1);
});
