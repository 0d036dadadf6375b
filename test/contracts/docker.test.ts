import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDockerEngine } from "../../services/kernel/engine/docker.ts";
import type { ContainerSpec, NetworkSpec } from "../../services/kernel/engine/port.ts";
import { dockerWorld, type World } from "./worlds.ts";

/** What only the real engine can show: that the kernel does what a container's spec says. */
const label = `contract-docker-${process.pid}`;
const ours = { "quine.contract": label };
const network: NetworkSpec = {
  name: label,
  bridge: `qn-d${process.pid}`,
  subnet: "10.246.0.0/16",
  pool: "10.246.128.0/17",
  gateway: "10.246.0.1",
  mtu: 1380,
  labels: ours,
};
/** Answers every connection with the address it listens on. */
const server = (port: number, text: string) =>
  `exec python3 -c 'import socket
s=socket.create_server(("0.0.0.0",${port})); print("ready", flush=True)
while True: c,_=s.accept(); c.sendall(b"${text}"); c.close()'`;
const connect = (host: string, port: number) =>
  `python3 -c 'import socket; print(socket.create_connection(("${host}",${port}),1).recv(99).decode())' 2>&1 | tail -1`;

let world: World;
let folder: string;
let made = 0;

beforeAll(async () => {
  world = await dockerWorld();
  folder = await mkdtemp(join(tmpdir(), "quine-contract-"));
  await writeFile(join(folder, "given"), "from the host");
});

afterEach(async () => {
  const left = await world.engine.listContainers(ours);
  await Promise.all(left.map((container) => world.engine.removeContainer(container.id)));
  await world.engine.removeNetwork(network.name);
});

afterAll(() => rm(folder, { recursive: true }));

async function run(shell: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const id = await world.engine.createContainer({
    name: `${label}-${++made}`,
    image: world.image,
    command: ["/bin/bash", "-c", shell],
    env: {},
    labels: ours,
    network: { kind: "none" },
    outputBytesMax: 1024 * 1024,
    ...more,
  });
  await world.engine.startContainer(id);
  return id;
}

async function* linesOf(id: string): AsyncGenerator<string> {
  for await (const { text } of world.engine.followOutput(id, { signal: AbortSignal.timeout(30_000) })) yield text;
}

/** All it prints, in one text. */
async function said(shell: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const lines: string[] = [];
  for await (const line of linesOf(await run(shell, more))) lines.push(line);
  return lines.join("\n");
}

async function serving(port: number, text: string, more: Partial<ContainerSpec>): Promise<string> {
  const id = await run(server(port, text), more);
  for await (const line of linesOf(id)) if (line === "ready") return id;
  throw new Error("The server ended before it was ready");
}

async function answer(host: string, port: number): Promise<string> {
  const socket = net.connect(port, host);
  return (await socket.toArray()).join("");
}

describe("what a container's spec means", () => {
  it.each<[string, Partial<ContainerSpec>, string, string | RegExp]>([
    ["root by default", {}, "id -u", "0"],
    ["a user", { user: "1000:1000" }, "id -u; id -g", "1000\n1000"],
    ["an environment", { env: { A: "b c\nd", EMPTY: "" } }, 'printf "%s|%s" "$A" "$EMPTY"', "b c\nd|"],
    ["a working folder", { workingDir: "/usr" }, "pwd", "/usr"],
    ["a root that can be written", {}, "touch /x && echo written", "written"],
    ["a root that cannot", { readOnlyRoot: true }, "touch /x 2>&1", /Read-only file system/],
    ["no capabilities", { capDrop: ["ALL"] }, "grep CapEff /proc/self/status", /\s0{16}$/],
    ["one capability", { capDrop: ["ALL"], capAdd: ["CHOWN"] }, "grep CapEff /proc/self/status", /\s0{15}1$/],
    ["no new privileges", { securityOptions: ["no-new-privileges"] }, "grep NoNewPrivs /proc/self/status", /\s1$/],
    [
      "a kernel setting",
      { sysctls: { "net.ipv4.tcp_migrate_req": "1" } },
      "cat /proc/sys/net/ipv4/tcp_migrate_req",
      "1",
    ],
    ["no network", {}, "ls /sys/class/net | grep -v -e tunl -e sit -e gre -e erspan -e ip", "lo"],
    ["no terminal", {}, "[ -t 0 ] || [ -t 1 ] || echo none", "none"],
    [
      "no more than the processes it may have",
      { pidsMax: 5 },
      "exec python3 -c 'import os, signal\nwhile os.fork(): pass\nsignal.pause()' 2>&1",
      /Resource temporarily unavailable/,
    ],
    ["device rules", { deviceRules: ["b 7:* rwm"], capAdd: ["MKNOD"] }, "mknod /l b 7 9999 && echo made", "made"],
  ])("%s", async (_, more, shell, expected) => {
    const output = await said(shell, more);
    if (typeof expected === "string") expect(output).toBe(expected);
    else expect(output).toMatch(expected);
  });

  it("files of the host, read-only where it says so", async () => {
    const binds = [
      { source: folder, target: "/rw" },
      { source: folder, target: "/ro", readOnly: true },
    ];
    const output = await said("cat /ro/given; echo; echo more >/rw/made; cat /ro/made; touch /ro/x 2>&1", { binds });
    expect(output).toMatch(/^from the host\nmore\n.*Read-only file system$/);
  });

  it("a missing file of the host is a problem, not a folder made in its place", async () => {
    const binds = [{ source: join(folder, "missing"), target: "/x" }];
    await expect(run("true", { binds })).rejects.toMatchObject({ name: "Problem", id: "invalid_params" });
  });

  it("memory, with no swap beside it: over it is the end, and the fact says why", async () => {
    const id = await run("head -c 200M /dev/zero | tail", { memoryBytes: 32 * 1024 * 1024 });
    await world.engine.waitContainer(id);
    expect(await world.engine.inspectContainer(id)).toMatchObject({ state: "exited", isOutOfMemory: true });
    expect((await world.engine.listContainers(ours))[0]).toMatchObject({ isOutOfMemory: true });
  });

  it("keeps the newest output when there is more than it may", async () => {
    const numbers = (await said("seq 100000", { outputBytesMax: 256 * 1024 })).split("\n").map(Number);
    expect(numbers.at(-1)).toBe(100_000);
    const id = (await world.engine.listContainers(ours))[0]?.id ?? "";
    const kept: number[] = [];
    for await (const line of linesOf(id)) kept.push(Number(line));
    expect(kept.at(-1)).toBe(100_000);
    expect(kept.length).toBeLessThan(100_000);
    expect(kept.length).toBeGreaterThan(1_000);
  });
});

describe("the network's places", () => {
  const inNetwork = { network: { kind: "network", name: network.name } } as const;

  it("a guest serves at its owner's address, and meets it at localhost", async () => {
    await world.engine.ensureNetwork(network);
    const owner = await run("sleep infinity", { network: { ...inNetwork.network, address: "10.246.0.7" } });
    const asGuest = { network: { kind: "container", id: owner } } as const;
    await serving(5000, "hello", asGuest);
    expect(await answer("10.246.0.7", 5000)).toBe("hello");
    expect(await said(connect("127.0.0.1", 5000), asGuest)).toBe("hello");
    expect(await said("cat /sys/class/net/eth0/mtu", asGuest)).toBe("1380");
  });

  it("neighbours are closed to each other", async () => {
    await world.engine.ensureNetwork(network);
    const id = await serving(5000, "hello", inNetwork);
    const address = (await world.engine.inspectContainer(id))?.address ?? "";
    expect(await answer(address, 5000)).toBe("hello");
    expect(await said(connect(address, 5000), inNetwork)).toMatch(/timed out|refused|unreachable/);
  });

  it("published ports answer at the host's address they were given", async () => {
    const free = net.createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port: hostPort } = free.address() as net.AddressInfo;
    free.close();
    await once(free, "close");
    await world.engine.ensureNetwork(network);
    await serving(8080, "hello", { ...inNetwork, publish: [{ hostAddress: "127.0.0.1", hostPort, port: 8080 }] });
    expect(await answer("127.0.0.1", hostPort)).toBe("hello");
  });

  it("the host's network is the host's", async () => {
    const onHost = net.createServer((socket) => socket.end("the host")).listen(0, "127.0.0.1");
    await once(onHost, "listening");
    const { port } = onHost.address() as net.AddressInfo;
    expect(await said(connect("127.0.0.1", port), { network: { kind: "host" } })).toBe("the host");
    onHost.close();
  });
});

describe("an engine that does not answer", () => {
  const socketPath = () => join(folder, "engine.sock");

  it("is a problem that says what to do", async () => {
    const engine = createDockerEngine(join(folder, "nothing.sock"));
    const problem = { name: "Problem", id: "service_unavailable", message: expect.stringContaining("bin/quine up") };
    await expect(engine.info()).rejects.toMatchObject(problem);
    await expect(engine.waitContainer("x")).rejects.toMatchObject(problem);
    await expect(engine.followOutput("x", { signal: AbortSignal.timeout(9_000) }).next()).rejects.toMatchObject(
      problem,
    );
    await expect(engine.watch({}, AbortSignal.timeout(9_000)).next()).rejects.toMatchObject(problem);
  });

  it("ends a watch and breaks a wait when it goes", async () => {
    const server = http.createServer((request, response) => {
      response.writeHead(200);
      if (request.url?.includes("/events")) response.flushHeaders();
    });
    server.listen(socketPath());
    await once(server, "listening");
    const engine = createDockerEngine(socketPath());
    const wakes = engine.watch({}, AbortSignal.timeout(30_000));
    expect((await wakes.next()).done).toBe(false);
    const waiting = engine.waitContainer("x");
    const ended = wakes.next();
    const arrived = once(server, "request");
    await arrived;
    server.closeAllConnections();
    await expect(waiting).rejects.toMatchObject({ id: "service_unavailable" });
    expect((await ended).done).toBe(true);
    server.close();
  });
});
