// Long because a build is one story with many ends, each told on the same world.
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../services/api/limits.ts";
import { createRegistry } from "../../services/kernel/registry.ts";
import { createSeal } from "../../services/kernel/seal.ts";
import { type ApiWorld, startApiWorld } from "./world.ts";

let world: ApiWorld;
let name: string;
let count = 0;
beforeAll(async () => {
  world = await startApiWorld();
}, 60_000);
afterAll(() => world?.stop());
beforeEach(async () => {
  await world.database.query("update builds set status = 'failed' where status = 'pending'");
  name = `build-${++count}-x`;
  await world.ask("POST", "/apps", { body: { name } });
});

const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A squashfs image, as far as its first bytes say. */
const image = (text: string) => `hsqs${text}`;

/** Puts a source, begins a build of it and takes the compile dyno's part. */
async function beginBuild(source = "a tarball", version: string | undefined = "0123456789abcdef") {
  const { body: blob } = await world.ask("POST", `/apps/${name}/sources`);
  const put = new URL(blob.source_blob?.put_url ?? "");
  const putReply = await world.ask("PUT", `${put.pathname}${put.search}`, { token: null, accept: null, body: source });
  expect(putReply.status).toBe(200);
  const reply = await world.ask("POST", `/apps/${name}/builds`, {
    body: { source_blob: { url: blob.source_blob?.get_url, version } },
  });
  expect(reply.status).toBe(201);
  const id = String(reply.body.id);
  const [oneOff] = await world.database.query<{ id: string; env: Record<string, string>; [column: string]: unknown }>(
    "select o.* from one_offs o join builds b on b.one_off_id = o.id where b.id = $1",
    [id],
  );
  if (oneOff === undefined) throw new Error("no one-off");
  const token = createSeal(world.settings.sealKey).open(oneOff.env.BUILD_TOKEN ?? "");
  const compiler = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    world.ask(method, `/_build/${id}${path}`, { token, accept: null, body, headers });
  const store = async (kind: string, text: string) => {
    const bytes = image(text);
    const reply = await compiler("PUT", `/blobs/${digestOf(bytes)}?kind=${kind}`, bytes);
    expect([kind, reply.status, reply.text]).toEqual([kind, 201, ""]);
    return { digest: digestOf(bytes), bytes: bytes.length };
  };
  return { id, oneOff, token, compiler, store };
}

const succeeded = (layers: unknown[], cache: unknown = null, processTypes: unknown = { web: "node web.js" }) => ({
  status: "succeeded",
  layers,
  cache,
  process_types: processTypes,
  buildpack: "Node.js",
  notes: ["compile 12 ms"],
});

describe("a build", () => {
  test("becomes a release", async () => {
    await world.ask("PATCH", `/apps/${name}/config-vars`, { body: { A: "1" } });
    const { id, oneOff, compiler, store } = await beginBuild();
    expect(oneOff).toMatchObject({
      app_id: await world.appId("compiler"),
      type: "compiler",
      command: "node services/compiler/main.ts",
      size: "build",
      build_layers: [],
      cache_layer: null,
      log_channel: `build:${id}`,
      time_limit_seconds: 900,
    });
    expect(oneOff.name).toMatch(/^build\.\d{4}$/);
    expect(createSeal(world.settings.sealKey).open(oneOff.env.BUILD_URL ?? "")).toBe(
      `${world.settings.insideUrl}/_build/${id}`,
    );

    expect((await compiler("GET", "")).body).toEqual({
      id,
      app: { id: await world.appId(name), name },
      stack: "debian-12",
      source_version: "0123456789abcdef",
      buildpacks: [],
      env: { A: "1" },
      deps: [],
      cache: null,
      slug_bytes_max: limits.slugBytes,
    });
    expect((await compiler("GET", "/source")).text).toBe("a tarball");
    expect((await compiler("HEAD", `/blobs/${digestOf(image("deps"))}?kind=slug`)).status).toBe(404);
    const deps = { ...(await store("slug", "deps")), kind: "deps" };
    expect((await compiler("HEAD", `/blobs/${digestOf(image("deps"))}?kind=slug`)).status).toBe(200);
    const app = { ...(await store("slug", "the app")), kind: "app" };
    const cache = await store("cache", "a cache");
    const done = await compiler("POST", "/result", succeeded([deps, app], cache));
    expect([done.status, done.body]).toEqual([
      200,
      { version: 3, web_url: `http://${name}.localhost:8080/`, promotion: false },
    ]);

    const { body: build } = await world.ask("GET", `/apps/${name}/builds/${id}`);
    expect(build.status).toBe("succeeded");
    const { body: release } = await world.ask("GET", `/apps/${name}/releases/${build.release?.id}`);
    expect(release).toMatchObject({ version: 3, description: "Deploy 0123456", current: true, slug: build.slug });
    const { body: slug } = await world.ask("GET", `/apps/${name}/slugs/${build.slug?.id}`);
    expect(slug).toMatchObject({
      size: image("deps").length + image("the app").length,
      process_types: { web: "node web.js" },
      commit: "0123456789abcdef",
    });
    const registry = createRegistry(world.settings.registryUrl);
    const manifest = await registry.getManifest(`slugs/${await world.appId(name)}`, String(build.slug?.id));
    expect(slug.checksum).toBe(digestOf(manifest).replace("sha256:", "SHA256:"));
    expect((await world.ask("GET", `/apps/${name}/formation`)).body).toMatchObject([{ type: "web", quantity: 1 }]);
    await world.hears(({ line }) => line === "Build succeeded");

    expect((await compiler("POST", "/result", succeeded([app]))).status).toBe(409);
    expect((await compiler("GET", "/source")).status).toBe(409);

    // The next build finds what this one left, wherever its images lie.
    const next = await beginBuild();
    const appId = await world.appId(name);
    expect(next.oneOff.build_layers).toEqual([{ ...deps, repository: `slugs/${appId}` }]);
    expect(next.oneOff.cache_layer).toEqual({ ...cache, repository: `caches/${appId}` });
    expect((await next.compiler("GET", "")).body.deps).toMatchObject([deps]);
    const again = await next.compiler("POST", "/result", succeeded([deps, app], cache));
    expect([again.status, again.body.version]).toEqual([200, 4]);
  });

  test("that fails says why, and releases nothing", async () => {
    const { id, compiler } = await beginBuild();
    const reply = await compiler("POST", "/result", {
      status: "failed",
      message: "failed to compile\u001b[31m Node.js app",
    });
    expect(reply.status).toBe(200);
    expect((await world.ask("GET", `/apps/${name}/builds/${id}`)).body).toMatchObject({
      status: "failed",
      failure_message: "failed to compile [31m Node.js app",
      release: null,
    });
    expect((await world.ask("GET", `/apps/${name}/releases`)).body).toHaveLength(1);
  });

  test.each([
    ["was never stored", { digest: digestOf("nothing"), bytes: 7, kind: "app" }],
    ["has another size", { digest: digestOf(image("something")), bytes: 8, kind: "app" }],
    ["is too large", { digest: digestOf(image("something")), bytes: limits.slugBytes + 1, kind: "app" }],
  ])("is not believed a layer that %s", async (_name, layer) => {
    const { id, compiler, store } = await beginBuild();
    await store("slug", "something");
    expect((await compiler("POST", "/result", succeeded([layer]))).status).toBe(422);
    expect((await world.ask("GET", `/apps/${name}/builds/${id}`)).body.status).toBe("failed");
    expect((await world.ask("GET", `/apps/${name}/releases`)).body).toHaveLength(1);
  });

  test("cannot use another app's layers", async () => {
    const first = await beginBuild();
    const layer = { ...(await first.store("slug", "private bytes")), kind: "app" };
    name = `build-${++count}-x`;
    await world.ask("POST", "/apps", { body: { name } });
    const second = await beginBuild();
    expect((await second.compiler("HEAD", `/blobs/${layer.digest}?kind=slug`)).status).toBe(404);
    expect((await second.compiler("POST", "/result", succeeded([layer]))).status).toBe(422);
  });

  test.each([
    [{ status: "succeeded", layers: [], process_types: {} }],
    [succeeded([{ digest: "sha256:x", bytes: 1, kind: "app" }])],
    [succeeded([{ digest: digestOf("x"), bytes: -1, kind: "app" }])],
    [succeeded([{ digest: digestOf("x"), bytes: 1, kind: "root" }])],
    [succeeded([{ digest: digestOf("x"), bytes: 1, kind: "app" }], null, { "we b": "x" })],
    [{ status: "maybe" }],
    [null],
  ])("stays pending after a result that cannot be read: %j", async (handed) => {
    const { id, compiler } = await beginBuild();
    expect((await compiler("POST", "/result", JSON.stringify(handed))).status).toBeGreaterThanOrEqual(400);
    expect((await world.ask("GET", `/apps/${name}/builds/${id}`)).body.status).toBe("pending");
  });

  test("is open to its own token alone", async () => {
    const first = await beginBuild();
    const mine = name;
    name = `build-${++count}-x`;
    await world.ask("POST", "/apps", { body: { name } });
    const second = await beginBuild();
    for (const token of [first.token, "owner-token-0123456789", null]) {
      expect((await world.ask("GET", `/_build/${second.id}`, { token })).status).toBe(404);
    }
    expect((await world.ask("GET", "/account", { token: first.token })).status).toBe(401);
    expect((await first.compiler("GET", "/anything")).status).not.toBe(200);
    name = mine;
  });

  test("blobs are what their digest says, and no longer than they said", async () => {
    const { compiler } = await beginBuild();
    const wrong = await compiler("PUT", `/blobs/${digestOf("right")}?kind=slug`, image("wrong"));
    expect([wrong.status, wrong.body.id]).toEqual([422, "invalid_params"]);
    expect(wrong.body.message).not.toContain("squashfs");
    expect((await compiler("HEAD", `/blobs/${digestOf("right")}?kind=slug`)).status).toBe(404);
    expect((await compiler("PUT", "/blobs/sha256:abc?kind=slug", "x")).status).toBe(404);
    expect((await compiler("PUT", `/blobs/${digestOf("x")}?kind=other`, "x")).status).toBe(400);
  });

  test.each([
    ["slug", "nonsense"],
    ["cache", "nonsense"],
    ["slug", "sqsh, the other byte order"],
    ["slug", "hsq"],
    ["slug", ""],
    ["slug", "x".repeat(3_000_000)],
  ])("a blob of kind %s that is no image is refused (case %#)", async (kind, bytes) => {
    const { compiler } = await beginBuild();
    const reply = await compiler("PUT", `/blobs/${digestOf(bytes)}?kind=${kind}`, bytes);
    expect([reply.status, reply.body.id]).toEqual([422, "invalid_params"]);
    expect(reply.body.message).toContain("is not a squashfs image");
    expect((await compiler("HEAD", `/blobs/${digestOf(bytes)}?kind=${kind}`)).status).toBe(404);
  });

  test("an image is taken in however small pieces it comes", async () => {
    const { id, token, compiler } = await beginBuild();
    const bytes = image("x".repeat(1_000_000));
    const path = `/blobs/${digestOf(bytes)}?kind=slug`;
    const request = http.request(`${world.url}/_build/${id}${path}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-length": bytes.length },
    });
    request.setNoDelay(true);
    // The server has each piece before the next is sent, or two at once: both must do.
    for (const piece of ["h", "s", "qs", bytes.slice(4, 10)]) {
      await new Promise((resolve) => request.write(piece, resolve));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    request.end(bytes.slice(10));
    const [response] = await once(request, "response");
    response.resume();
    expect(response.statusCode).toBe(201);
    expect((await compiler("HEAD", path)).status).toBe(200);
  });

  test("is one at a time for an app; a cancelled one makes room", async () => {
    const { id, compiler } = await beginBuild();
    const second = await world.ask("POST", `/apps/${name}/builds`, {
      body: { source_blob: { url: "https://example.org/x.tgz" } },
    });
    expect([second.status, second.body.id]).toEqual([409, "conflict"]);
    expect((await world.ask("DELETE", `/apps/${name}/builds/${id}`)).body.status).toBe("failed");
    const [oneOff] = await world.database.query("select stop_requested_at from one_offs where log_channel = $1", [
      `build:${id}`,
    ]);
    expect(oneOff?.stop_requested_at).toBeInstanceOf(Date);
    await world.hears((line) => line.channel === `build:${id}` && String(line.end) === "true");
    expect((await compiler("GET", "")).status).toBe(409);
    expect((await world.ask("DELETE", `/apps/${name}/builds/${id}`)).status).toBe(409);
    await beginBuild();
  });

  test("whose source lies elsewhere is sent there", async () => {
    await world.ask("POST", `/apps/${name}/builds`, { body: { source_blob: { url: "https://example.org/x.tgz" } } });
    const [row] = await world.database.query<{ id: string; env: Record<string, string> }>(
      "select b.id, o.env from builds b join one_offs o on o.id = b.one_off_id where b.status = 'pending'",
    );
    const token = createSeal(world.settings.sealKey).open(row?.env.BUILD_TOKEN ?? "");
    const reply = await world.ask("GET", `/_build/${row?.id}/source`, { token });
    expect([reply.status, reply.headers.get("location")]).toEqual([302, "https://example.org/x.tgz"]);
  });

  test.each([
    "file:///etc/passwd",
    "ftp://example.org/x",
    "nonsense",
    "http://localhost:8080/_sources/a/b?signature=x",
  ])("refuses the source %s", async (url) => {
    expect((await world.ask("POST", `/apps/${name}/builds`, { body: { source_blob: { url } } })).status).toBe(422);
  });

  test("is given up when its dyno ended without a result", async () => {
    const { id, oneOff } = await beginBuild();
    await world.database.query(
      `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, exit_reason, created_at)
       values ($1, $2, $3, 1, 'build.1', 'compiler', 'x', 'build', 'crashed', 'out of memory (limit 2048 MB)', now())`,
      [oneOff.id, oneOff.app_id, oneOff.release_id],
    );
    await world.hears(({ line }) => line === "Build failed: Build ran out of memory (limit 2048 MB)");
    expect((await world.ask("GET", `/apps/${name}/builds/${id}`)).body).toMatchObject({
      status: "failed",
      failure_message: "Build ran out of memory (limit 2048 MB)",
    });
  });

  test("the platform has only so many at once", async () => {
    for (let index = 0; index < limits.pendingBuilds; index++) {
      name = `build-${++count}-x`;
      await world.ask("POST", "/apps", { body: { name } });
      await world.ask("POST", `/apps/${name}/builds`, { body: { source_blob: { url: "https://example.org/x.tgz" } } });
    }
    name = `build-${++count}-x`;
    await world.ask("POST", "/apps", { body: { name } });
    const reply = await world.ask("POST", `/apps/${name}/builds`, {
      body: { source_blob: { url: "https://example.org/x.tgz" } },
    });
    expect([reply.status, reply.body.id]).toEqual([503, "service_unavailable"]);
  });
});

describe("a source", () => {
  test("can be got by its own URL, put by the other, and by no changed one", async () => {
    const { body } = await world.ask("POST", "/sources");
    const [put, get] = [body.source_blob?.put_url, body.source_blob?.get_url].map((url) => {
      const { pathname, search } = new URL(url ?? "");
      return `${pathname}${search}`;
    });
    const bytes = "x".repeat(3_000_000);
    const without = { token: null, accept: null };
    expect((await world.ask("GET", get ?? "", without)).status).toBe(404);
    expect((await world.ask("PUT", get ?? "", { ...without, body: bytes })).status).toBe(403);
    expect((await world.ask("PUT", `${put}x`, { ...without, body: bytes })).status).toBe(403);
    expect((await world.ask("PUT", put ?? "", { ...without, body: "" })).status).toBe(422);
    expect((await world.ask("PUT", put ?? "", { ...without, body: bytes })).status).toBe(200);
    expect((await world.ask("GET", get ?? "", without)).text).toBe(bytes);
  });

  test("that says it is over 512 MB is refused before it is read", async () => {
    const { body } = await world.ask("POST", "/sources");
    const { pathname, search } = new URL(body.source_blob?.put_url ?? "");
    const request = http.request(`${world.url}${pathname}${search}`, {
      method: "PUT",
      headers: { "content-length": limits.sourceBytes + 1 },
    });
    request.on("error", () => {});
    request.flushHeaders();
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(413);
    request.destroy();
  });

  test("that breaks off is not there", async () => {
    const { body } = await world.ask("POST", "/sources");
    const [put, get] = [body.source_blob?.put_url, body.source_blob?.get_url].map((url) => new URL(url ?? ""));
    const request = http.request(`${world.url}${put?.pathname}${put?.search}`, {
      method: "PUT",
      headers: { "content-length": 5_000_000 },
    });
    request.on("error", () => {});
    request.write("x".repeat(1_000_000), () => request.destroy());
    await world.logs(`PUT ${put?.pathname}`);
    const without = { token: null, accept: null };
    expect((await world.ask("GET", `${get?.pathname}${get?.search}`, without)).status).toBe(404);
    expect(world.logged.filter((line) => line.includes("stack="))).toEqual([]);
  });

  test("with another checksum than it was said to have is refused", async () => {
    const { body } = await world.ask("POST", "/sources");
    const { pathname, search } = new URL(body.source_blob?.put_url ?? "");
    await world.ask("PUT", `${pathname}${search}`, { token: null, accept: null, body: "tar" });
    const build = (checksum: string) =>
      world.ask("POST", `/apps/${name}/builds`, {
        body: { source_blob: { url: body.source_blob?.get_url, checksum } },
      });
    expect((await build(digestOf("other").replace("sha256", "SHA256"))).status).toBe(422);
    expect((await build(digestOf("tar").replace("sha256", "SHA256"))).status).toBe(201);
  });
});
