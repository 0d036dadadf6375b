// Long because the service is held through its sockets, each kind of reader and each limit once.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createLogger } from "../../services/kernel/log.ts";
import { signPath } from "../../services/kernel/signed-url.ts";
import { defaultLimits, type Limits } from "../../services/logs/limits.ts";
import { type LogService, startLogService } from "../../services/logs/service.ts";

const appId = "11111111-2222-4333-8444-555555555555";
const buildId = "99999999-2222-4333-8444-555555555555";
const config = { port: 0, intakeToken: "intake-token", urlKey: "url-key" };

let service: LogService;
const logged: string[] = [];
async function start(limits: Partial<Limits> = {}): Promise<void> {
  service = await startLogService(
    config,
    createLogger((line) => logged.push(line)),
    { ...defaultLimits, ...limits },
  );
}
afterEach(async () => {
  await service.stop();
  logged.length = 0;
});

const at = "2026-01-02T03:04:05.123456Z";
const base = () => `http://127.0.0.1:${service.port}`;
const soon = () => new Date(Date.now() + 60_000);
const sessionUrl = (query: Record<string, string> = {}, id = appId) =>
  base() + signPath(config.urlKey, `/_logs/sessions/${id}`, query, soon());
const outputUrl = (id = buildId) => base() + signPath(config.urlKey, `/_logs/output/${id}`, {}, soon());

function post(body: string, token = config.intakeToken): Promise<Response> {
  return fetch(`${base()}/_logs/intake`, { method: "POST", body, headers: { authorization: `Bearer ${token}` } });
}
async function write(...lines: (string | Record<string, unknown>)[]): Promise<void> {
  const entries = lines.map((line) => ({
    channel: `app:${appId}`,
    at,
    source: "app",
    process: "web.1",
    ...(typeof line === "string" ? { line } : line),
  }));
  const response = await post(entries.map((entry) => JSON.stringify(entry)).join("\n"));
  expect(response.status).toBe(204);
}
async function build(...lines: string[]): Promise<void> {
  await post(lines.map((line) => JSON.stringify({ channel: `build:${buildId}`, line })).join("\n"));
}
const endBuild = () => post(JSON.stringify({ channel: `build:${buildId}`, end: true }));

/** Reads a stream until its text matches, and can go on from there. */
class Reader {
  text = "";
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  constructor(response: Response) {
    this.response = response;
    if (response.body === null) throw new Error("no body");
    this.#reader = response.body.getReader();
  }
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`ended before ${pattern}: ${JSON.stringify(this.text)}`);
      this.text += this.#decoder.decode(value, { stream: true });
    }
    return this.text;
  }
  async end(): Promise<string> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return this.text;
      this.text += this.#decoder.decode(value, { stream: true });
    }
  }
  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}
const open = async (url: string, headers: Record<string, string> = {}) => new Reader(await fetch(url, { headers }));
const events = { accept: "text/event-stream" };

describe("the intake", () => {
  test("wants its token", async () => {
    await start();
    const response = await post("", "other");
    expect([response.status, await response.json()]).toMatchObject([401, { id: "unauthorized" }]);
    expect((await fetch(`${base()}/_logs/intake`, { method: "POST" })).status).toBe(401);
  });
  test("refuses bad lines alone, and counts them", async () => {
    await start();
    const good = JSON.stringify({ channel: `app:${appId}`, at, source: "app", process: "web.1", line: "good" });
    const response = await post(`{"no":\n${good}\n\n${good.replace("web.1", "web.1]: x")}\n`);
    expect([response.status, response.headers.get("refused-lines")]).toEqual([204, "2"]);
    expect(await (await fetch(sessionUrl())).text()).toBe("2026-01-02T03:04:05.123456+00:00 app[web.1]: good\n");
    await service.stop();
    expect(logged.sort()).toEqual([
      'level=warn refused log lines reason="no JSON" count=1\n',
      "level=warn refused log lines reason=process count=1\n",
    ]);
  });
  test("refuses a body that is too large, said beforehand or not", async () => {
    await start({ intakeBytesMax: 1_000 });
    expect((await post("x".repeat(1_001))).status).toBe(413);
    const request = http.request(`${base()}/_logs/intake`, {
      method: "POST",
      headers: { authorization: `Bearer ${config.intakeToken}`, "transfer-encoding": "chunked" },
    });
    request.on("error", () => {});
    request.write("x".repeat(2_000));
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    expect(response.statusCode).toBe(413);
    request.destroy();
  });
});

describe("a log session", () => {
  test("is only for whoever has the URL, unchanged", async () => {
    await start();
    const url = sessionUrl({ dyno: "web.1" });
    const statuses = await Promise.all(
      [
        url,
        url.replace("web.1", "web.2"),
        url.replace(appId, buildId),
        url.replace("sessions", "output"),
        `${base()}/_logs/sessions/${appId}`,
        base() + signPath(config.urlKey, `/_logs/sessions/${appId}`, {}, new Date(0)),
        `${base()}/`,
      ].map(async (one) => (await fetch(one)).status),
    );
    expect(statuses).toEqual([200, 403, 403, 403, 403, 403, 404]);
  });
  test("has the last lines, filtered", async () => {
    await start();
    await write(
      "one",
      "two",
      { process: "worker.1", line: "three" },
      { source: "heroku", process: "router", line: "four" },
    );
    const lines = async (query: Record<string, string>) =>
      (await (await fetch(sessionUrl(query))).text())
        .trimEnd()
        .split("\n")
        .map((line) => line.slice(33));
    expect(await lines({})).toEqual([
      "app[web.1]: one",
      "app[web.1]: two",
      "app[worker.1]: three",
      "heroku[router]: four",
    ]);
    expect(await lines({ lines: "1" })).toEqual(["heroku[router]: four"]);
    expect(await lines({ lines: "1", dyno: "web" })).toEqual(["app[web.1]: two"]);
    expect(await lines({ source: "heroku" })).toEqual(["heroku[router]: four"]);
  });
  test("cannot be made to show a line of the platform by an app", async () => {
    await start();
    await write("x\n2026-01-02T03:04:05.123456+00:00 heroku[router]: forged\rid: 1\r\rdata: 2026 heroku[api]: forged");
    const text = await (await fetch(sessionUrl(), { headers: events })).text();
    expect(text).not.toMatch(/^(data: )?\S+ heroku\[/m);
    expect(text).not.toContain("\r");
    expect(text.match(/^id: /gm)).toHaveLength(5);
  });
  test("as events ends cleanly and tells the client not to wait", async () => {
    await start();
    await write("one", "two");
    const response = await fetch(sessionUrl(), { headers: events });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const text = await response.text();
    expect(text).toMatch(
      /^retry: 1\nid: \d+\ndata: 2026-\S+ app\[web.1\]: one\n\nid: \d+\ndata: \S+ app\[web.1\]: two\n\n/,
    );
    expect(await (await fetch(sessionUrl({}, buildId), { headers: events })).text()).toBe("retry: 1\n\n");
    expect((await fetch(sessionUrl(), { headers: { ...events, "last-event-id": "7" } })).status).toBe(204);
  });
  test("tails, keeps the connection awake, and resumes after the last event", async () => {
    await start({ keepaliveMs: 20 });
    await write("before");
    const tail = await open(sessionUrl({ tail: "true", lines: "1" }), events);
    await tail.until(/before\n\n/);
    await write("after");
    await tail.until(/after\n\n/);
    await tail.until(/: keepalive\n\n/);
    const id = [...tail.text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? "";
    await tail.leave();
    await write("while away");
    const resumed = await open(sessionUrl({ tail: "true" }), { ...events, "last-event-id": id });
    expect(await resumed.until(/while away/)).not.toContain("after\n");
    await resumed.leave();
  });
  test("tells a slow reader how many lines it lost, and where", async () => {
    await start({ linesPerAppMax: 50, writeBytesMax: 1_000 });
    const { pathname, search } = new URL(sessionUrl({ tail: "true" }));
    const socket = net.connect(service.port, "127.0.0.1");
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await once(socket, "data");
    // It reads nothing while much more is written than all buffers between can hold.
    socket.pause();
    const total = 6_000;
    for (let count = 0; count < total; count += 100) {
      await write(...Array.from({ length: 100 }, (_, index) => `n=${count + index} ${"x".repeat(5_000)}`));
    }
    await write("last");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("app[web.1]: last")) socket.destroy();
    });
    socket.resume();
    await once(socket, "close");
    const told = [
      ...text.matchAll(/heroku\[logplex\]: Error L11 \(tail buffer overflow\): (\d+) messages dropped since 2026/g),
    ];
    const lost = told.reduce((sum, match) => sum + Number(match[1]), 0);
    expect(lost).toBeGreaterThan(0);
    expect((text.match(/app\[web\.1\]: n=/g) ?? []).length + lost).toBe(total);
  });
  test("refuses a crowd", async () => {
    await start({ streamsPerChannelMax: 1 });
    const first = await open(sessionUrl({ tail: "true" }), events);
    await first.until(/tailing/);
    expect((await fetch(sessionUrl({ tail: "true" }))).status).toBe(429);
    await first.leave();
  });
});

describe("a build's output", () => {
  test("streams from before its first line to its end", async () => {
    await start();
    const early = await open(outputUrl());
    expect(early.response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    await build("-----> Building", "");
    await early.until(/Building\n\n/);
    await build("done\rreally\u001b[2J");
    await endBuild();
    const whole = "-----> Building\n\ndone\nreally\ufffd[2J\n";
    expect(await early.end()).toBe(whole);
    expect(await (await fetch(outputUrl())).text()).toBe(whole);
  });
  test("is waited for, with nothing to see meanwhile, but not for ever", async () => {
    await start({ keepaliveMs: 10, buildWaitMs: 100 });
    const text = await (await fetch(outputUrl())).text();
    expect(text.replaceAll("\0", "")).toMatch(/^ ! {5}There is no output of this build/);
    expect(text).toContain("\0");
  });
});

describe("the end", () => {
  test("ends every stream cleanly, and twice is fine", async () => {
    await start();
    const tail = await open(sessionUrl({ tail: "true" }), events);
    const output = await open(outputUrl());
    await build("half");
    await output.until(/half/);
    await Promise.all([service.stop(), service.stop()]);
    expect(await output.end()).toBe("half\n");
    expect(await tail.end()).toBe(": tailing\n\n");
    await expect(fetch(base())).rejects.toThrow();
  });
});
