// Long because each way that bytes take through the router is a test of a few lines.
import { once } from "node:events";
import net from "node:net";
import { describe, expect, test } from "vitest";
import { Client, get } from "./client.ts";
import { app, dyno, httpDyno, rawDyno, World } from "./world.ts";

const echo = () =>
  httpDyno((request, response) => {
    response.setHeader("x-method", request.method ?? "");
    request.pipe(response);
  });

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
  expect(record.bytes).toBe(answer.body.length);
});

describe("bodies", () => {
  test("with a length, in one packet with the head", async () => {
    await using hello = await echo();
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send("POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 5\r\n\r\nhello");
    expect((await client.answer()).body).toBe("5\r\nhello\r\n0\r\n\r\n");
  });

  test("in chunks, byte by byte, and a second request behind", async () => {
    await using hello = await echo();
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.socket.setNoDelay(true);
    const text = `POST / HTTP/1.1\r\nHost: hello.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nT: v\r\n\r\n${get("/2")}`;
    for (const character of text) client.send(character);
    const body = (await client.answer()).body;
    expect(body.replaceAll(/[0-9a-f]+\r\n(.*?)\r\n/g, "$1")).toBe("hello!");
    expect((await client.answer()).status).toBe(200);
  });

  test("large ones both ways, though nobody reads at first", async () => {
    const size = 32 * 1024 * 1024;
    let resume = () => {};
    await using hello = await httpDyno((request, response) => {
      response.writeHead(200, { "content-length": size });
      resume = () => request.pipe(response);
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    const socket = net.connect(world.port, "127.0.0.1");
    socket.write(`POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: ${size}\r\n\r\n`);
    const block = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    while (sent < size && socket.write(block)) sent += block.length;
    // Nobody reads: the client is stopped long before all of it is in the router's memory.
    expect(sent).toBeLessThan(size);
    await once(hello.server, "request");
    resume();
    const pump = async () => {
      for (sent += block.length; sent < size; sent += block.length)
        if (!socket.write(block)) await once(socket, "drain");
    };
    const pumped = pump();
    let received = 0;
    for await (const bytes of socket) {
      received += (bytes as Buffer).length;
      if (received > size) break;
    }
    await pumped;
    expect(received).toBeGreaterThan(size);
  });

  test("100-continue is asked of the dyno and handed back", async () => {
    await using hello = await echo();
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send("PUT / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    expect((await client.answer()).status).toBe(100);
    client.send("hi");
    expect((await client.answer()).body).toContain("hi");
  });

  test("an early answer reaches a client that is still sending, and ends the connection", async () => {
    await using hello = await rawDyno((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")),
    );
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(`POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(500_000)}`);
    const received = await client.ended();
    expect(received).toMatch(/^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n[\s\S]*no$/);
  });

  test("HEAD, 204 and 304 have none", async () => {
    await using hello = await rawDyno((socket) =>
      socket.on("data", (bytes) => {
        const status = /GET \/(\d+)/.exec(bytes.toString())?.[1] ?? "200";
        socket.write(`HTTP/1.1 ${status} X\r\n${status === "204" ? "" : "Content-Length: 5\r\n"}\r\n`);
      }),
    );
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(`HEAD / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n${get("/304")}${get("/204")}${get("/304")}`);
    expect((await client.answer(true)).head).toContain("Content-Length: 5");
    expect((await client.answer()).status).toBe(304);
    expect((await client.answer()).status).toBe(204);
    expect((await client.answer()).status).toBe(304);
  });

  test("one that ends with the dyno's connection ends the client's", async () => {
    await using hello = await rawDyno((socket) => socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nbye")));
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\nbye$/);
    expect(await world.record()).toMatchObject({ status: 200, bytes: 3, error: undefined });
  });
});

describe("connections", () => {
  test("many requests in one packet are answered in order over one connection to the dyno", async () => {
    let connections = 0;
    await using hello = await httpDyno((request, response) => response.end(request.url));
    hello.server.on("connection", () => {
      connections += 1;
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(Array.from({ length: 200 }, (_, n) => get(`/${n}`)).join(""));
    for (let n = 0; n < 200; n += 1) expect((await client.answer()).body).toBe(`/${n}`);
    expect(connections).toBe(1);
  });

  test("thousands of refusals in one packet don't nest", async () => {
    await using world = await World.start([]);
    using client = await Client.connect(world.port);
    client.send(get("/").repeat(5_000));
    for (let n = 0; n < 5_000; n += 1) expect((await client.answer()).status).toBe(404);
  });

  test("HTTP/1.0 is closed after the answer", async () => {
    await using hello = await httpDyno((_request, response) => response.end("hello"));
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send("GET / HTTP/1.0\r\nHost: hello.localhost\r\nExpect: 100-continue\r\n\r\n");
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n\r\nhello$/);
  });

  test("an idle one that the dyno closed is not used; one closed under the request is tried anew", async () => {
    let connections = 0;
    await using hello = await rawDyno((socket) => {
      connections += 1;
      const isFirst = connections === 1;
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
        // The second request on the first connection meets a close instead of an answer.
        socket.once("data", () =>
          isFirst ? socket.destroy() : socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3"),
        );
      });
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    for (const body of ["1", "1", "3"]) {
      client.send(get("/"));
      expect((await client.answer()).body).toBe(body);
    }
    expect(connections).toBe(2);
  });

  test("a POST whose fate is unknown is not sent twice", async () => {
    const seen: string[] = [];
    await using hello = await rawDyno((socket) =>
      socket.on("data", (bytes) => {
        seen.push(bytes.toString().slice(0, 4));
        if (seen.length === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        else socket.destroy();
      }),
    );
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).status).toBe(200);
    client.send("POST / HTTP/1.1\r\nHost: hello.localhost\r\nContent-Length: 0\r\n\r\n");
    expect((await client.answer()).status).toBe(503);
    expect(seen).toEqual(["GET ", "POST"]);
    expect((await world.record(2)).error?.code).toBe("H13");
  });

  test("what a dyno says unasked never becomes somebody's answer", async () => {
    const ready = Promise.withResolvers<void>();
    let connections = 0;
    await using hello = await rawDyno((socket) => {
      connections += 1;
      socket.once("close", () => ready.resolve());
      socket.on("data", () =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"),
      );
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).body).toBe("ok");
    await ready.promise;
    client.send(get("/"));
    expect((await client.answer()).body).toBe("ok");
    expect(connections).toBe(2);
  });
});

describe("upgrades", () => {
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];

  test("make a tunnel for bytes both ways", async () => {
    await using hello = await httpDyno(() => {});
    hello.server.on("upgrade", (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n\r\nhi`,
      );
      socket.on("data", (bytes) => socket.write(bytes.toString().toUpperCase()));
      socket.on("end", () => socket.end("bye"));
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(`${get("/", "hello.localhost", ...upgrade)}early `);
    const answer = await client.answer();
    expect(answer).toMatchObject({ status: 101 });
    expect(answer.head).toMatch(/\r\nUpgrade: websocket\r\n/);
    client.send("\x81\xff");
    await client.until(() => client.received.length >= 10);
    client.socket.end();
    expect(await client.ended()).toMatch(/^hiEARLY [\s\S]*bye$/);
    expect(await world.record()).toMatchObject({ status: 101, error: undefined });
  });

  test("that the dyno declines are plain answers", async () => {
    await using hello = await httpDyno((_request, response) => response.end("no"));
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/", "hello.localhost", ...upgrade));
    expect(await client.answer()).toMatchObject({ status: 200, body: "no" });
    client.send(get("/"));
    expect((await client.answer()).status).toBe(200);
  });

  test("that nobody asked for are errors", async () => {
    await using hello = await rawDyno((socket) =>
      socket.once("data", () => socket.write("HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n")),
    );
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H17");
  });
});

describe("dynos", () => {
  const named = (name: string) => httpDyno((_request, response) => response.end(name));

  test("only those of the newest release that is up get requests", async () => {
    await using old = await named("v1");
    await using fresh = await named("v2");
    const [before, after] = [dyno(old.port, { releaseVersion: 1 }), dyno(fresh.port, { releaseVersion: 2 })];
    await using world = await World.start([app("hello", [before, { ...after, state: "starting" }])]);
    using client = await Client.connect(world.port);
    const ask = async () => {
      client.send(get("/"));
      return (await client.answer()).body;
    };
    expect(await ask()).toBe("v1");
    world.routes.set([app("hello", [before, after])]);
    expect(await ask()).toBe("v2");
    world.routes.set([app("hello", [before])]);
    expect(await ask()).toBe("v1");
  });
});
