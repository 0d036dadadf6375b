import { once } from "node:events";
import http from "node:http";
import { expect, test } from "vitest";
import { Client, get } from "./client.ts";
import { app, dyno, httpDyno, rawDyno, World } from "./world.ts";

test("finishes what is in flight, says close, then is gone; twice is fine", async () => {
  const came = Promise.withResolvers<http.ServerResponse>();
  await using hello = await httpDyno((_request, response) => came.resolve(response));
  await using world = await World.start([app("hello", [dyno(hello.port)])]);
  using client = await Client.connect(world.port);
  client.send(get("/"));
  const response = await came.promise;
  const stopped = world.router.stop();
  expect(world.router.stop()).toBe(stopped);
  response.end("done");
  expect(await client.ended()).toMatch(/\r\nConnection: close\r\n[\s\S]*done/);
  await stopped;
  await expect(Client.connect(world.port)).rejects.toThrow("ECONNREFUSED");
});

test("H24: what does not finish in time", async () => {
  const came = Promise.withResolvers<void>();
  await using hello = await rawDyno((socket) => socket.once("data", () => came.resolve()));
  await using world = await World.start([app("hello", [dyno(hello.port)])], { drainMs: 40 });
  using client = await Client.connect(world.port);
  client.send(get("/"));
  await came.promise;
  const stopped = world.router.stop();
  expect((await client.answer()).status).toBe(503);
  expect((await world.record()).error?.code).toBe("H24");
  client.socket.end();
  await stopped;
});

test("an idle client may ask once more, and is then told to go", async () => {
  await using hello = await httpDyno((_request, response) => response.end("hello"));
  await using world = await World.start([app("hello", [dyno(hello.port)])], { drainIdleMs: 1_500 });
  using client = await Client.connect(world.port);
  client.send(get("/"));
  expect((await client.answer()).head).not.toContain("Connection: close");
  const stopped = world.router.stop();
  client.send(get("/"));
  expect((await client.answer()).head).toContain("Connection: close");
  await client.ended();
  await stopped;
});

test("a successor on the same port takes over and no request fails", async () => {
  await using hello = await httpDyno((_request, response) => response.end("hello"));
  const rows = [app("hello", [dyno(hello.port)])];
  await using first = await World.start(rows);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  let isOver = false;
  let answered = 0;
  const ask = async () => {
    while (!isOver) {
      const request = http.get({ port: first.port, agent, headers: { host: "hello.localhost" } });
      const [response] = (await once(request, "response")) as [http.IncomingMessage];
      expect(response.statusCode).toBe(200);
      response.resume();
      await once(response, "end");
      answered += 1;
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, ask));
  await first.record(200);
  await using second = await World.start(rows, {}, {}, [first.port]);
  await first.router.stop();
  await second.record(200);
  isOver = true;
  await clients;
  agent.destroy();
  expect(answered).toBe(first.records.length + second.records.length);
});
