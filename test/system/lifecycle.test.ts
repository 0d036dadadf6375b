import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppWorld, createApp } from "../worlds/app.ts";
import { api, ask, done, eventually, testPlatform } from "../worlds/platform.ts";

interface Dyno {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly release: { readonly version: number };
}

let app: AppWorld;
const name = "story-life";
const dynos = async () => (await api<Dyno[]>("GET", `/apps/${name}/dynos`)).value;
const releases = async () =>
  (await api<{ version: number; description: string; current: boolean }[]>("GET", `/apps/${name}/releases`)).value;
const upNames = (list: readonly Dyno[]) =>
  list
    .filter((dyno) => dyno.state === "up")
    .map((dyno) => dyno.name)
    .sort();

beforeAll(async () => {
  app = await createApp(name, "node-hello");
  await app.write(
    "server.js",
    `import { createServer } from "node:http";
const id = Math.random();
createServer((request, response) => {
  if (request.url === "/crash") process.exit(3);
  response.end(JSON.stringify({ id, colour: process.env.COLOUR ?? null, dyno: process.env.DYNO }));
}).listen(process.env.PORT, () => console.log("listening as", process.env.DYNO));
`,
  );
  await app.commit("first");
  const pushed = await app.push();
  if (pushed.status !== 0) throw new Error(pushed.stderr);
});
afterAll(() => app.destroy());

const seen = async () =>
  JSON.parse((await ask(`${name}.localhost`)).body) as { id: number; colour: string | null; dyno: string };

test("a config change is a release, and no request fails while it rolls out", async () => {
  const before = (await releases()).length;
  const stop = new AbortController();
  const statuses = new Map<number, number>();
  const load = (async () => {
    while (!stop.signal.aborted) {
      const { status } = await ask(`${name}.localhost`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  })();
  expect((await api("PATCH", `/apps/${name}/config-vars`, { COLOUR: "green" })).status).toBe(200);
  await eventually("the new value", seen, ({ colour }) => colour === "green");
  await eventually("the old dyno to be gone", dynos, (list) => list.length === 1);
  stop.abort();
  await load;
  expect([...statuses.keys()]).toEqual([200]);
  const now = await releases();
  expect(now.length).toBe(before + 1);
  expect(now.find((release) => release.current)?.description).toBe("Set COLOUR config vars");
});

test("scaled up, every dyno answers; scaled to zero, the router says so; and back", async () => {
  await api("PATCH", `/apps/${name}/formation/web`, { quantity: 3 });
  await eventually("three dynos", dynos, (list) => upNames(list).join() === "web.1,web.2,web.3");
  const answering = new Set<string>();
  await eventually(
    "each to answer",
    async () => answering.add((await seen()).dyno),
    (all) => all.size === 3,
  );
  await api("PATCH", `/apps/${name}/formation/web`, { quantity: 0 });
  await eventually("none", dynos, (list) => list.length === 0);
  const nothing = await ask(`${name}.localhost`);
  expect(nothing.status).toBe(503);
  await api("PATCH", `/apps/${name}/formation/web`, { quantity: 1 });
  await eventually(
    "an answer",
    () => ask(`${name}.localhost`),
    ({ status }) => status === 200,
  );
});

test("restarted: another process, the same release", async () => {
  const before = await seen();
  const { version } = (await releases()).find((release) => release.current) ?? { version: 0 };
  expect((await api("DELETE", `/apps/${name}/dynos`)).status).toBe(202);
  await eventually("another process", seen, ({ id }) => id !== before.id);
  expect((await releases()).find((release) => release.current)?.version).toBe(version);
});

test("a dyno that crashes is started again, and its log says what happened", async () => {
  const before = await seen();
  await ask(`${name}.localhost`, "/crash");
  await eventually("another process", seen, ({ id }) => id !== before.id);
  const lines = await eventually(
    "the lines of its end",
    async () => {
      const session = await api<{ logplex_url: string }>("POST", `/apps/${name}/log-sessions`, { lines: 200 });
      const url = new URL(session.value.logplex_url);
      return (await ask("localhost", `${url.pathname}${url.search}`)).body;
    },
    (text) => text.includes("Process exited with status 3"),
  );
  expect(lines).toMatch(/heroku\[web\.1\]: State changed from up to crashed/);
  expect(lines).toMatch(/app\[web\.1\]: listening as web\.1/);
  expect(lines).toMatch(/heroku\[router\]: .*path="\/crash".*/);
});

test("rolled back: the former config and a new release", async () => {
  const all = await releases();
  const former = all.find((release) => release.description.startsWith("Deploy"));
  expect((await api("POST", `/apps/${name}/releases`, { release: String(former?.version) })).status).toBe(201);
  await eventually("no colour", seen, ({ colour }) => colour === null);
  expect((await releases()).find((release) => release.current)?.description).toBe(`Rollback to v${former?.version}`);
});

test("a release that cannot start leaves the former one serving", async () => {
  const before = await seen();
  await app.write("server.js", "process.exit(1);\n");
  await app.commit("broken");
  const pushed = await app.push();
  expect(pushed.stderr).toMatch(/Verifying deploy|crashed/);
  expect((await seen()).id).toBe(before.id);
});

test("tenants reach neither each other, nor the platform's insides, nor the host", async () => {
  const [web] = await dynos();
  const container = (
    await done("docker", [
      "ps",
      "-q",
      "--filter",
      `label=quine.platform=${testPlatform.name}`,
      "--filter",
      "label=quine.app=node-hello",
    ])
  ).trim();
  expect(web).toBeDefined();
  const addresses = (
    await done("bash", [
      "-c",
      `docker ps -q --filter label=quine.platform=${testPlatform.name} | xargs docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'`,
    ])
  )
    .split(/\s+/)
    .filter((address) => address !== "");
  const prefix = addresses[0]?.split(".").slice(0, 2).join(".");
  const targets = [
    `${prefix}.0.3/5432`,
    `${prefix}.0.4/5000`,
    `${prefix}.0.1/22`,
    `${prefix}.0.1/${testPlatform.httpPort}`,
    ...addresses.filter((address) => !address.endsWith(".0.2")).map((address) => `${address}/5000`),
  ];
  const own = (await done("docker", ["exec", container, "hostname", "-I"])).trim();
  for (const target of targets.filter((one) => !one.startsWith(`${own}/`))) {
    const open = await done("docker", [
      "exec",
      container,
      "bash",
      "-c",
      `timeout 1 bash -c '</dev/tcp/${target}' 2>/dev/null && echo open || echo closed`,
    ]);
    expect(`${target} ${open.trim()}`).toBe(`${target} closed`);
  }
  const router = await done("docker", [
    "exec",
    container,
    "bash",
    "-c",
    `timeout 2 bash -c '</dev/tcp/${prefix}.0.2/8080' && echo open`,
  ]);
  expect(router.trim()).toBe("open");
});
