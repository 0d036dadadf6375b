import { once } from "node:events";
import tls from "node:tls";
import { expect, test } from "vitest";
import { Client, get } from "./client.ts";
import { app, dyno, httpDyno, World } from "./world.ts";

async function connectTls(port: number, options: tls.ConnectionOptions = {}): Promise<Client> {
  const settings = { servername: "hello.localhost", rejectUnauthorized: false, ...options };
  const socket = tls.connect({ port, host: "127.0.0.1", ...settings });
  await once(socket, "secureConnect");
  return new Client(socket);
}

test("TLS and plain HTTP on one port", async () => {
  const show = (request: { headers: Record<string, unknown> }) =>
    `${request.headers["x-forwarded-proto"]} ${request.headers["x-forwarded-port"]}`;
  await using hello = await httpDyno((request, response) => response.end(show(request)));
  await using world = await World.start([app("hello", [dyno(hello.port)])]);
  using secure = await connectTls(world.port);
  using plain = await Client.connect(world.port);
  for (let n = 0; n < 3; n += 1) {
    secure.send(get("/", "hello.localhost", "X-Forwarded-Proto: http"));
    plain.send(get("/", "hello.localhost", "X-Forwarded-Proto: https"));
    expect((await secure.answer()).body).toBe("https 8443");
    expect((await plain.answer()).body).toBe("http 8080");
  }
  expect(world.records.map((record) => record.protocol).sort()).toEqual([
    "http",
    "http",
    "http",
    "https",
    "https",
    "https",
  ]);
});

test("large answers go through TLS whole", async () => {
  const body = Buffer.alloc(8 * 1024 * 1024, "0123456789");
  await using hello = await httpDyno((_request, response) => response.end(body));
  await using world = await World.start([app("hello", [dyno(hello.port)])]);
  using secure = await connectTls(world.port);
  secure.send(get("/"));
  const answer = await secure.answer();
  expect(answer.body === body.toString("latin1")).toBe(true);
});

test("http/1.1 is the one protocol offered, TLS 1.2 the oldest", async () => {
  await using world = await World.start([]);
  using client = await connectTls(world.port, { ALPNProtocols: ["h2", "http/1.1"] });
  expect((client.socket as tls.TLSSocket).alpnProtocol).toBe("http/1.1");
  const old = connectTls(world.port, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
  await expect(old).rejects.toThrow();
});

test("a broken handshake ends only itself", async () => {
  await using world = await World.start([]);
  using client = await Client.connect(world.port);
  client.send(`\x16\x03\x01\x00\x05hello${"x".repeat(100)}`);
  await client.ended();
  using other = await connectTls(world.port);
  other.send(get("/"));
  expect((await other.answer()).status).toBe(404);
});

test("a handshake that never ends is closed", async () => {
  await using world = await World.start([], { handshakeMs: 40 });
  using client = await Client.connect(world.port);
  client.send("\x16");
  await client.ended();
});
