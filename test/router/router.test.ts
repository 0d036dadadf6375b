import { expect, test } from "vitest";
import { Client, get } from "./client.ts";
import { app, dyno, httpDyno, World } from "./world.ts";

test("passes a request on and says who asked", async () => {
  await using hello = await httpDyno((request, response) => response.end(JSON.stringify(request.headers)));
  await using world = await World.start([app("hello", [dyno(hello.port)])]);
  using client = await Client.connect(world.port);
  client.send(get("/x?y=1", "hello.localhost", "X-Forwarded-Proto: https", "X-Forwarded-For: 1.2.3.4", "Accept: */*"));
  const answer = await client.answer();
  expect(answer.status).toBe(200);
  const seen = JSON.parse(answer.body);
  expect(seen).toMatchObject({
    host: "hello.localhost",
    accept: "*/*",
    "x-forwarded-for": "1.2.3.4, 127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "8080",
    via: "1.1 quine",
  });
  expect(seen["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen["x-request-start"]).toMatch(/^\d{13}$/);
  const record = await world.record();
  expect(record).toMatchObject({ method: "GET", target: "/x?y=1", dyno: "web.1", status: 200, error: undefined });
});
