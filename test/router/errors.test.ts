// Long because each error of the router is a test of a few lines.
import net from "node:net";
import { describe, expect, test } from "vitest";
import { Client, get } from "./client.ts";
import { app, closedPort, deafDyno, dyno, httpDyno, rawDyno, World } from "./world.ts";

const post = (path: string, ...lines: string[]) => get(path, "hello.localhost", ...lines).replace("GET", "POST");

describe("an app that cannot be served", () => {
  const cases = [
    ["H10", 503, [dyno(1, { state: "crashed" })], {}],
    ["H14", 503, [], { quantity: 0 }],
    ["H80", 503, [], { isMaintenance: true }],
    ["H81", 502, [], { isDeployed: false }],
  ] as const;
  test.each(cases)("%s %i", async (code, status, dynos, more) => {
    await using world = await World.start([app("hello", [...dynos], more)]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    const answer = await client.answer();
    expect(answer).toMatchObject({ status, body: expect.stringContaining(code) });
    expect(answer.head).toMatch(/\r\nContent-Type: text\/html/);
    expect(await world.record()).toMatchObject({ status, dyno: "", error: { code } });
    client.send(`HEAD / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n`);
    expect(await client.ended()).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*\\r\\n\\r\\n$`));
  });

  test("no such app: 404, and no line anywhere", async () => {
    await using world = await World.start([app("hello", [])]);
    using client = await Client.connect(world.port);
    client.send(get("/", "nothing.localhost"));
    expect(await client.answer()).toMatchObject({ status: 404, body: expect.stringContaining("No such app") });
    expect(world.records).toEqual([]);
  });

  test("H11: too many requests at once", async () => {
    await using hello = await rawDyno(() => {});
    await using world = await World.start([app("hello", [dyno(hello.port)])], {}, { appRequestsMax: 1 });
    using first = await Client.connect(world.port);
    using second = await Client.connect(world.port);
    first.send(post("/", "Content-Length: 2", "Expect: 100-continue"));
    second.send(get("/"));
    expect((await second.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H11");
  });
});

describe("a dyno that is starting", () => {
  test("is waited for", async () => {
    await using hello = await httpDyno((request, response) => request.pipe(response));
    const starting = dyno(hello.port, { state: "starting" });
    await using world = await World.start([app("hello", [starting])]);
    using client = await Client.connect(world.port);
    client.send(`${post("/", "Content-Length: 5")}hello`);
    using witness = await Client.connect(world.port);
    witness.send(get("/", "nothing.localhost"));
    await witness.answer();
    world.routes.set([app("hello", [starting])]);
    world.routes.set([app("hello", [{ ...starting, state: "up" }])]);
    expect((await client.answer()).body).toContain("hello");
  });

  test("H20: but not for ever", async () => {
    await using world = await World.start([app("hello", [])], { bootMs: 30 });
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H20");
  });

  test("and whose app is destroyed meanwhile: H14", async () => {
    await using world = await World.start([app("hello", [])]);
    using client = await Client.connect(world.port);
    using witness = await Client.connect(world.port);
    client.send(get("/"));
    witness.send(get("/", "nothing.localhost"));
    await witness.answer();
    world.routes.set([]);
    expect((await client.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H14");
  });

  test("and crashes meanwhile: H10", async () => {
    await using world = await World.start([app("hello", [dyno(1, { state: "starting" })])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    using witness = await Client.connect(world.port);
    witness.send(get("/", "nothing.localhost"));
    await witness.answer();
    world.routes.set([app("hello", [dyno(1, { state: "crashed" })])]);
    await client.answer();
    expect((await world.record()).error?.code).toBe("H10");
  });
});

describe("a dyno that cannot be reached", () => {
  test("is passed over for another, and left alone for a while", async () => {
    await using hello = await httpDyno((_request, response) => response.end("hello"));
    const dynos = [...Array.from({ length: 4 }, () => closedPort()), hello.port];
    const rows = (await Promise.all(dynos)).map((port, n) => dyno(port, { name: `web.${n}` }));
    await using world = await World.start([app("hello", rows)]);
    using client = await Client.connect(world.port);
    for (let n = 1; n <= 20; n += 1) {
      client.send(`${post("/", "Content-Length: 3")}abc`);
      expect((await client.answer()).body).toBe("hello");
      expect(await world.record(n)).toMatchObject({ dyno: "web.4", error: undefined });
    }
  });

  test("H21: when all refuse", async () => {
    const rows = [dyno(await closedPort()), dyno(await closedPort())];
    await using world = await World.start([app("hello", rows)]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H21");
  });

  test("H19: when none answers the connection", async () => {
    await using deaf = await deafDyno();
    await using world = await World.start([app("hello", [dyno(deaf.port)])], { connectMs: 30 });
    using client = await Client.connect(world.port);
    client.send(get("/"));
    expect((await client.answer()).status).toBe(503);
    expect((await world.record()).error?.code).toBe("H19");
  });
});

describe("a dyno that does not answer well", () => {
  const broken = async (say: string | undefined, then: "destroy" | "nothing" | "reset", request = get("/")) => {
    await using hello = await rawDyno((socket) =>
      socket.once("data", () => {
        if (then === "destroy") socket.end(say ?? "");
        else if (then === "reset") socket.write(say ?? "", () => socket.resetAndDestroy());
        else if (say !== undefined) socket.write(say);
      }),
    );
    await using world = await World.start([app("hello", [dyno(hello.port)])], { firstByteMs: 40, idleMs: 40 });
    using client = await Client.connect(world.port);
    client.send(request);
    const received = await client.answer().then(
      (answer) => String(answer.status),
      () => `cut off after ${JSON.stringify(client.received.slice(-4))}`,
    );
    const record = await world.record();
    return `${received}: ${record.error?.code} ${record.status}`;
  };
  const length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  const chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  test.each([
    ["says nothing for long", undefined, "nothing", "503: H12 503"],
    ["closes at once", undefined, "destroy", "503: H13 503"],
    ["resets at once", undefined, "reset", "503: H13 503"],
    ["closes in its head", "HTTP/1.1 200 O", "destroy", "503: H18 503"],
    ["closes in its body", `${length}hel`, "destroy", `cut off after "\\n${"hel"}": H18 503`],
    ["closes between chunks", `${chunks}3\r\nhel\r\n`, "destroy", 'cut off after "el\\r\\n": H18 503'],
    ["stalls in its body", `${length}hel`, "nothing", 'cut off after "\\nhel": H15 503'],
    ["resets a body without length", "HTTP/1.1 200 OK\r\n\r\nhel", "reset", 'cut off after "\\nhel": H18 503'],
    ["speaks something else", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "nothing", "503: H17 503"],
    ["forgets the reason's blank", "HTTP/1.1 200\r\n\r\n", "nothing", "503: H17 503"],
    ["breaks its chunks at once", `${chunks}xyz\r\n`, "nothing", "503: H17 503"],
    [
      "has two lengths",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "nothing",
      "502: H25 502",
    ],
    ["has a head without end", `HTTP/1.1 200 OK\r\nA: ${"a".repeat(70_000)}`, "nothing", "502: H25 502"],
    ["sends interim answers for ever", "HTTP/1.1 102 Wait\r\n\r\n".repeat(17), "nothing", "102: H17 503"],
  ] as const)("%s", async (_name, say, then, expected) => {
    expect(await broken(say, then)).toBe(expected);
  });

  test("chunks for an HTTP/1.0 client", async () => {
    expect(await broken(`${chunks}0\r\n\r\n`, "nothing", "GET / HTTP/1.0\r\nHost: hello.localhost\r\n\r\n")).toBe(
      "503: H17 503",
    );
  });
});

describe("a client", () => {
  test("H27: that leaves before the answer; the dyno is told", async () => {
    const left = Promise.withResolvers<void>();
    const came = Promise.withResolvers<void>();
    await using hello = await rawDyno((socket) => {
      socket.once("data", () => came.resolve());
      socket.once("close", () => left.resolve());
    });
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(get("/"));
    await came.promise;
    client.socket.destroy();
    await left.promise;
    expect(await world.record()).toMatchObject({ status: 499, dyno: "web.1", error: { code: "H27" } });
  });

  test("H28: that stops in its body", async () => {
    await using hello = await rawDyno((socket) => socket.resume());
    await using world = await World.start([app("hello", [dyno(hello.port)])], { idleMs: 40 });
    using client = await Client.connect(world.port);
    client.send(`${post("/", "Content-Length: 5")}he`);
    expect(await client.ended()).toBe("");
    expect(await world.record()).toMatchObject({ status: 499, error: { code: "H28" } });
  });

  test("H28: that does not read its answer", async () => {
    await using hello = await httpDyno((_request, response) => response.end(Buffer.alloc(64 * 1024 * 1024)));
    await using world = await World.start([app("hello", [dyno(hello.port)])], { idleMs: 40 });
    const socket = net.connect(world.port, "127.0.0.1");
    socket.on("error", () => {});
    world.onClose(() => socket.destroy());
    socket.write(get("/"));
    expect(await world.record()).toMatchObject({ error: { code: "H28" } });
  });

  test.each([
    ["a bad chunk", post("/", "Transfer-Encoding: chunked"), "x\r\n", 400, "bad chunk"],
    ["an expectation that nobody knows", post("/", "Expect: magic"), "", 417, "unsupported expect header value"],
  ])("H26: %s", async (_name, head, rest, status, cause) => {
    await using hello = await rawDyno((socket) => socket.resume());
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(head);
    client.send(rest);
    expect((await client.answer()).status).toBe(status);
    if (status === 417) expect(await world.record()).toMatchObject({ error: { code: "H26", cause } });
  });

  test("H26: a chunk that goes wrong later", async () => {
    await using hello = await rawDyno((socket) => socket.resume());
    await using world = await World.start([app("hello", [dyno(hello.port)])]);
    using client = await Client.connect(world.port);
    client.send(`${post("/", "Transfer-Encoding: chunked", "Expect: 100-continue")}1\r\na\r\n`);
    client.send("zz");
    expect((await client.answer()).status).toBe(400);
  });

  test("that sends no head in time gets 408, one that sends nothing is closed", async () => {
    await using world = await World.start([], { requestHeadMs: 40, keepAliveMs: 40 });
    using slow = await Client.connect(world.port);
    using silent = await Client.connect(world.port);
    slow.send("GET / HTTP/1.1\r\nHost:");
    expect(await slow.ended()).toMatch(/^HTTP\/1\.1 408 /);
    expect(await silent.ended()).toBe("");
    using idle = await Client.connect(world.port);
    idle.send(get("/"));
    expect((await idle.answer()).status).toBe(404);
    expect(await idle.ended()).toBe("");
  });

  test("beyond the limit of connections is closed at once", async () => {
    await using world = await World.start([], {}, { connectionsMax: 1 });
    using first = await Client.connect(world.port);
    first.send(get("/"));
    await first.answer();
    using second = await Client.connect(world.port);
    expect(await second.ended()).toBe("");
    while (world.lines.length === 0) await world.said();
    expect(world.lines).toEqual(["level=warn Connections were closed as they came: there are too many count=1\n"]);
  });
});

test("lines to the logs app are not logged", async () => {
  await using logs = await httpDyno((_request, response) => response.writeHead(204).end());
  await using world = await World.start([app("logs", [dyno(logs.port)], { isSystem: true })]);
  using client = await Client.connect(world.port);
  client.send(get("/_logs/intake", "10.201.0.2:8080"));
  expect((await client.answer()).status).toBe(204);
  client.send(get("/_logs/sessions/1", "localhost"));
  expect((await client.answer()).status).toBe(204);
  expect(world.records.map((record) => record.target)).toEqual(["/_logs/sessions/1"]);
});
