import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogger } from "../../services/kernel/log.ts";
import { signPath } from "../../services/kernel/signed-url.ts";
import { type LogService, startLogService } from "../../services/logs/service.ts";
import { type ApiWorld, startApiWorld } from "../worlds/api.ts";
import { bareEnvironment, program, quine } from "./quine.ts";

const config = { port: 0, intakeToken: "intake", urlKey: "key" };
let world: ApiWorld;
let logs: LogService;
let appId: string;

async function startLogs(port: number): Promise<void> {
  logs = await startLogService(
    { ...config, port },
    createLogger(() => {}),
  );
  world.logSession = (id, query) =>
    `http://127.0.0.1:${logs.port}${signPath(config.urlKey, `/_logs/sessions/${id}`, query, new Date(Date.now() + 60_000))}`;
}
beforeEach(async () => {
  world = await startApiWorld();
  appId = world.addApp("my-app").id;
  await startLogs(0);
});
afterEach(async () => {
  await logs.stop();
  await world.stop();
});

async function say(line: string, process = "web.1", source = "app"): Promise<void> {
  const body = JSON.stringify({ channel: `app:${appId}`, at: "2026-01-02T03:04:05Z", source, process, line });
  const headers = { authorization: "Bearer intake" };
  await fetch(`http://127.0.0.1:${logs.port}/_logs/intake`, { method: "POST", headers, body });
}
const variables = () => ({ HEROKU_HOST: world.origin, HEROKU_API_KEY: world.token });

test("the last lines, filtered by the log service", async () => {
  await say("one");
  await say("two", "worker.1");
  await say("at=info", "router", "heroku");
  const lines = async (...flags: string[]) =>
    (await quine(["logs", "-a", "my-app", ...flags], { variables: variables() })).stdout.replace(/^\S+ /gm, "");
  expect(await lines()).toBe("app[web.1]: one\napp[worker.1]: two\nheroku[router]: at=info\n");
  expect(await lines("-n", "1")).toBe("heroku[router]: at=info\n");
  expect(await lines("-p", "worker")).toBe("app[worker.1]: two\n");
  expect(await lines("-d", "web.1", "-s", "app")).toBe("app[web.1]: one\n");
  expect(await lines("-s", "heroku")).toBe("heroku[router]: at=info\n");
});

test("a tail goes on where it was, also when the log service restarts", async () => {
  await say("one");
  const child = spawn(process.execPath, [program, "logs", "--tail", "-a", "my-app"], {
    env: bareEnvironment(variables()),
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value).replace(/^\S+ /, "");
  expect(await next()).toBe("app[web.1]: one");
  await say("two");
  expect(await next()).toBe("app[web.1]: two");
  const { port } = logs;
  await logs.stop();
  await startLogs(port);
  await say("three");
  expect(await next()).toBe("app[web.1]: three");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
});
