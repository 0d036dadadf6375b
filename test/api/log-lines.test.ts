import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLogLines } from "../../services/api/log-lines.ts";
import { createLogger } from "../../services/kernel/log.ts";

const logger = createLogger(() => {});
let server: http.Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A logs app whose first answer waits until it is let go. */
async function startSlowIntake() {
  const bodies: string[][] = [];
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const arrived = Promise.withResolvers<void>();
  server = http.createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    bodies.push(text.trim().split("\n"));
    arrived.resolve();
    await gate;
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    letGo,
    first: arrived.promise,
  };
}

test("lines arrive in their order, and stopping sends what is queued", async () => {
  const intake = await startSlowIntake();
  const lines = createLogLines(intake.url, "token", logger);
  for (let index = 0; index < 500; index++) lines.say("app", `line ${index}`);
  lines.endBuild("build");
  intake.letGo();
  await lines.stop(5_000);
  const sent = intake.bodies.flat().map((text) => JSON.parse(text));
  expect(sent.slice(0, 500).map(({ line }) => line)).toEqual(
    Array.from({ length: 500 }, (_, index) => `line ${index}`),
  );
  expect(sent[0]).toMatchObject({ channel: "app:app", source: "app", process: "api" });
  expect(sent[0].at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
  expect(sent[500]).toEqual({ channel: "build:build", end: true });
});

test("a queue that is full loses the oldest lines and says how many", async () => {
  const intake = await startSlowIntake();
  const lines = createLogLines(intake.url, "token", logger);
  lines.say("app", "first");
  await intake.first;
  for (let index = 0; index < 3_000; index++) lines.say("app", `line ${index}`);
  intake.letGo();
  await lines.stop(5_000);
  const sent = intake.bodies.flat().map((text) => JSON.parse(text).line);
  // "first" was on its way already when it was dropped from the queue; it counts as lost all the same.
  expect(sent).toContain("1001 lines of the API lost: the log did not answer");
  expect(sent.at(-1)).toBe("line 2999");
});

test("a log that does not answer holds nobody up", async () => {
  const lines = createLogLines("http://127.0.0.1:1", "token", logger);
  lines.say("app", "nobody hears this");
  await expect(lines.stop(1_000)).resolves.toBeUndefined();
});
