import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { expect, test } from "vitest";
import { createLogger } from "../../services/kernel/log.ts";
import type { RequestRecord } from "../../services/router/request-line.ts";
import { RequestLog, requestLogDefaults } from "../../services/router/request-log.ts";

const record: RequestRecord = {
  method: "GET",
  target: "/",
  host: "hello.localhost",
  requestId: "8601b555-6a83-4c12-8269-97c8e32cdb22",
  forwardedFor: "1.2.3.4",
  dyno: "web.1",
  connectMs: 0,
  serviceMs: 1,
  status: 200,
  bytes: 0,
  protocol: "http",
  error: undefined,
};

/** The logs app's intake, as far as the router uses it; answers with the statuses given, then 204. */
async function intake(statuses: number[] = []) {
  const lines: { channel: string; line: string }[] = [];
  const headers: http.IncomingHttpHeaders[] = [];
  let onLine = () => {};
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const bytes of request) body += bytes;
    const status = statuses.shift() ?? 204;
    headers.push(request.headers);
    if (status === 204)
      lines.push(
        ...body
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      );
    response.writeHead(status).end();
    onLine();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        onLine = resolve;
      });
    }
  };
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/_logs`;
  return { lines, headers, url, until, [Symbol.asyncDispose]: close };
}

const settings = { ...requestLogDefaults, batchMs: 5, token: "secret" };

test("hands lines over in order and in batches", async () => {
  await using logs = await intake();
  const log = new RequestLog(
    { ...settings, url: logs.url },
    createLogger(() => {}),
  );
  for (let n = 0; n < 1_000; n += 1) log.record("a", { ...record, target: `/${n}` });
  await logs.until(() => logs.lines.length === 1_000);
  expect(logs.lines.map(({ line }) => /path="\/(\d+)"/.exec(line)?.[1])).toEqual(
    Array.from({ length: 1_000 }, (_, n) => String(n)),
  );
  expect(logs.headers[0]).toMatchObject({ authorization: "Bearer secret" });
  expect(logs.headers.length).toBeLessThan(10);
  await log.stop(1_000);
});

test("tries again, and says in its own log that it has to", async () => {
  await using logs = await intake([503, 503]);
  const said: string[] = [];
  const log = new RequestLog(
    { ...settings, url: logs.url },
    createLogger((line) => said.push(line)),
  );
  log.record("a", record);
  await logs.until(() => logs.lines.length === 1);
  await log.stop(1_000);
  expect(said.join("")).toContain("Cannot hand router lines to the logs app reason=");
  expect(said.join("")).not.toContain("secret");
});

test("what does not fit is counted and told in the stream it is missing from", async () => {
  await using logs = await intake();
  const log = new RequestLog(
    { ...settings, url: logs.url, waitingMax: 5_000 },
    createLogger(() => {}),
  );
  for (let n = 0; n < 100; n += 1) log.record(n % 2 === 0 ? "a" : "b", record);
  const told = (app: string) =>
    logs.lines.find(({ channel, line }) => channel === `app:${app}` && line.includes("dropped"));
  await logs.until(() => told("a") !== undefined && told("b") !== undefined);
  const kept = (app: string) =>
    logs.lines.filter(({ channel, line }) => channel === `app:${app}` && line.includes("method=")).length;
  expect(told("a")?.line).toBe(`Error L12 (local buffer overflow): ${50 - kept("a")} messages dropped.`);
  expect(kept("b")).toBeLessThan(50);
  await log.stop(1_000);
});

test("stopping sends what waits, once or twice", async () => {
  await using logs = await intake();
  const log = new RequestLog(
    { ...settings, batchMs: 60_000, url: logs.url },
    createLogger(() => {}),
  );
  log.record("a", record);
  await log.stop(1_000);
  await log.stop(1_000);
  expect(logs.lines).toHaveLength(1);
});
