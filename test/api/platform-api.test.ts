// Long because every promise of the Platform API is held in one place, on the same world.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApiWorld, otherToken, startApiWorld } from "./world.ts";

let world: ApiWorld;
let name: string;
let count = 0;
beforeAll(async () => {
  world = await startApiWorld();
}, 60_000);
afterAll(() => world?.stop());
beforeEach(async () => {
  name = `app-${++count}-x`;
  expect((await world.ask("POST", "/apps", { body: { name } })).status).toBe(201);
});

const status = async (...asked: Parameters<ApiWorld["ask"]>) => (await world.ask(...asked)).status;

describe("conventions", () => {
  test("three ways to bring a token", async () => {
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    for (const user of ["", "heroku", "a@b"]) {
      expect(await status("GET", "/account", { headers: basic(`${user}:owner-token-0123456789`) })).toBe(200);
    }
  });

  test.each([
    ["no token", { token: null }, 401, "unauthorized"],
    ["a wrong token", { token: "wrong" }, 401, "unauthorized"],
    ["no version", { accept: "application/json" }, 406, "not_acceptable"],
    ["no JSON", { body: "{", headers: { "content-type": "application/json" } }, 400, "bad_request"],
    ["a body over 1 MB", { body: JSON.stringify({ A: "x".repeat(1_100_000) }) }, 413, "payload_too_large"],
    ["an array for an object", { body: [] }, 422, "invalid_params"],
  ] as const)("%s", async (_name, ask, expected, id) => {
    const reply = await world.ask("PATCH", `/apps/${name}/config-vars`, ask);
    expect([reply.status, reply.body.id]).toEqual([expected, id]);
    expect(reply.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("an expired token is no token", async () => {
    await world.database.query("update tokens set expires_at = now() - interval '1 second' where account_id <> $1", [
      world.ownerId,
    ]);
    expect(await status("GET", "/account", { token: otherToken })).toBe(401);
    await world.database.query("update tokens set expires_at = null");
  });

  test("unknown things are told by their noun", async () => {
    const app = await world.ask("GET", "/apps/nowhere");
    expect([app.status, app.body]).toEqual([
      404,
      { id: "not_found", message: "Couldn't find that app.", resource: "app" },
    ]);
    expect((await world.ask("GET", `/apps/${name}/releases/99`)).body.resource).toBe("release");
    expect((await world.ask("GET", "/nothing")).body.id).toBe("not_found");
  });

  test("every answer carries what clients read", async () => {
    const reply = await world.ask("GET", `/apps/${name}`, { headers: { "x-request-id": "router-0123456789-0123" } });
    expect(reply.headers.get("request-id")).toBe("router-0123456789-0123");
    expect(Number(reply.headers.get("ratelimit-remaining"))).toBeGreaterThan(4000);
    expect(reply.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(reply.text).toContain('{\n  "acm": false');
    expect(reply.body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test("an unchanged thing is not sent again", async () => {
    const first = await world.ask("GET", `/apps/${name}`);
    const etag = first.headers.get("etag") ?? "";
    const again = await world.ask("GET", `/apps/${name}`, { headers: { "if-none-match": etag } });
    expect([again.status, again.text]).toEqual([304, ""]);
    await world.ask("PATCH", `/apps/${name}`, { body: { maintenance: true } });
    expect(await status("GET", `/apps/${name}`, { headers: { "if-none-match": etag } })).toBe(200);
  });

  test("a long list comes in pages", async () => {
    for (const letter of "abc") await world.ask("PATCH", `/apps/${name}/config-vars`, { body: { [letter]: "1" } });
    const first = await world.ask("GET", `/apps/${name}/releases`, {
      headers: { range: "version ..; order=desc,max=3" },
    });
    expect(first.status).toBe(206);
    expect(first.body.map((release) => release.version)).toEqual([4, 3, 2]);
    expect(first.headers.get("content-range")).toBe("version 4..2; max=3, order=desc");
    const rest = await world.ask("GET", `/apps/${name}/releases`, {
      headers: { range: first.headers.get("next-range") ?? "" },
    });
    expect([rest.status, rest.body.map((release) => release.version), rest.headers.get("next-range")]).toEqual([
      200,
      [1],
      null,
    ]);
    expect(await status("GET", `/apps/${name}/releases`, { headers: { range: "colour .." } })).toBe(416);
  });

  test("links follow the scheme the client came by", async () => {
    const reply = await world.ask("GET", `/apps/${name}`, {
      headers: { "x-forwarded-proto": "https", host: "evil.example.org" },
    });
    expect(reply.body.web_url).toBe(`https://${name}.localhost:8443/`);
  });
});

describe("apps", () => {
  test.each(["api", "quine", "www", "Shop", "1shop", "sh", "shop-", "shop_x", "a".repeat(31)])(
    "nobody can take the name %s",
    async (taken) => {
      const reply = await world.ask("POST", "/apps", { body: { name: taken } });
      expect([reply.status, reply.body.id]).toEqual([422, "invalid_params"]);
    },
  );

  test("a taken name is told; a new name is taken over", async () => {
    expect((await world.ask("POST", "/apps", { body: { name } })).body.message).toBe(`Name ${name} is already taken`);
    const reply = await world.ask("PATCH", `/apps/${name}`, { body: { name: `${name}2` } });
    expect(reply.body.web_url).toBe(`http://${name}2.localhost:8080/`);
    expect(await status("GET", `/apps/${name}`)).toBe(404);
  });

  test("an account sees its own apps only", async () => {
    for (const path of ["", "/config-vars", "/releases", "/dynos", "/builds", "/formation"]) {
      expect([path, await status("GET", `/apps/${name}${path}`, { token: otherToken })]).toEqual([path, 404]);
    }
    expect(await status("DELETE", `/apps/${name}`, { token: otherToken })).toBe(404);
    expect((await world.ask("GET", "/apps", { token: otherToken })).body).toEqual([]);
  });

  test("the platform's parts are their owner's to see and operate, not to change", async () => {
    const parts = await world.ask("GET", "/apps?system=true");
    expect(parts.body.map((app) => app.name)).toContain("postgres");
    expect((await world.ask("GET", "/apps?system=true", { token: otherToken })).body).toEqual([]);
    expect(await status("GET", "/apps/api", { token: otherToken })).toBe(404);
    for (const [method, path, expected] of [
      ["GET", "/apps/api", 200],
      ["GET", "/apps/api/releases", 200],
      ["GET", "/apps/api/dynos", 200],
      ["POST", "/apps/api/log-sessions", 201],
      ["DELETE", "/apps/api/dynos", 202],
      ["GET", "/apps/api/config-vars", 403],
      ["GET", "/apps/api/releases/1/config-vars", 403],
      ["PATCH", "/apps/api/config-vars", 403],
      ["DELETE", "/apps/api", 403],
      ["DELETE", "/apps/quine", 403],
      ["PATCH", "/apps/quine", 403],
      ["POST", "/apps/api/sources", 403],
      ["POST", "/apps/quine/sources", 201],
    ] as const) {
      expect([
        method,
        path,
        await status(method, path, method === "POST" || method === "PATCH" ? { body: {} } : {}),
      ]).toEqual([method, path, expected]);
    }
    const scale = await world.ask("PATCH", "/apps/router/formation/router", { body: { quantity: 0 } });
    expect([scale.status, scale.body.id]).toEqual([403, "forbidden"]);
  });

  test("an app takes everything with it", async () => {
    const { body: app } = await world.ask("GET", `/apps/${name}`);
    await world.ask("POST", `/apps/${name}/builds`, { body: { source_blob: { url: "https://example.org/a.tgz" } } });
    expect(await status("DELETE", `/apps/${name}`)).toBe(200);
    const [left] = await world.database.query(
      `select (select count(*) from releases where app_id = $1) + (select count(*) from builds where app_id = $1) as rows,
        (select count(*) from one_offs where stop_requested_at is null) as running`,
      [app.id],
    );
    expect(left).toEqual({ rows: 0, running: 0 });
  });
});

describe("config vars and releases", () => {
  test("every change is a release with a copy; none without a change", async () => {
    const path = `/apps/${name}/config-vars`;
    expect((await world.ask("PATCH", path, { body: { A: "1", B: "2" } })).body).toEqual({ A: "1", B: "2" });
    expect((await world.ask("PATCH", path, { body: { A: "1" } })).body).toEqual({ A: "1", B: "2" });
    expect((await world.ask("PATCH", path, { body: { B: null, C: "3" } })).body).toEqual({ A: "1", C: "3" });
    const releases = await world.ask("GET", `/apps/${name}/releases`);
    expect(releases.body.map((release) => release.description)).toEqual([
      "Initial release",
      "Set A, B config vars",
      "Set C config vars, Remove B config vars",
    ]);
    expect(releases.body.map((release) => release.current)).toEqual([false, false, true]);
    expect((await world.ask("GET", `/apps/${name}/releases/v2/config-vars`)).body).toEqual({ A: "1", B: "2" });
  });

  test("values rest sealed, and are in no log", async () => {
    await world.ask("PATCH", `/apps/${name}/config-vars`, { body: { KEY: "very-secret-value" } });
    const rows = await world.database.query("select c.sealed, r.config::text from config_vars c, releases r");
    expect(JSON.stringify(rows)).not.toContain("very-secret-value");
    await world.hears(({ line }) => line === "Set KEY config vars by user admin@localhost");
    expect(JSON.stringify([world.logged, world.said])).not.toContain("very-secret-value");
    expect(JSON.stringify(world.logged)).not.toContain("owner-token");
  });

  test("versions of changes made at once have no gap and no twin", async () => {
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        world.ask("PATCH", `/apps/${name}/config-vars`, { body: { [`V${index}`]: "1" } }),
      ),
    );
    const releases = await world.ask("GET", `/apps/${name}/releases`);
    expect(releases.body.map((release) => release.version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Object.keys((await world.ask("GET", `/apps/${name}/releases/9/config-vars`)).body)).toHaveLength(8);
  });

  test("a rollback restores code and config; one without code cannot be rolled back to", async () => {
    const appId = await world.appId(name);
    const slugs = [];
    for (const commit of ["1111111111", "2222222222"]) {
      const [slug] = await world.database.query<{ id: string }>(
        `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, bytes)
         values (gen_random_uuid(), $1, $2, '[]', '{"web":"x"}', 'debian-12', $3, 1) returning id`,
        [appId, `sha256:${"c".repeat(64)}`, commit],
      );
      slugs.push(slug?.id);
    }
    await world.ask("PATCH", `/apps/${name}/config-vars`, { body: { A: "1" } });
    await world.ask("POST", `/apps/${name}/releases`, { body: { slug: slugs[0] } });
    await world.ask("PATCH", `/apps/${name}/config-vars`, { body: { A: "2" } });
    await world.ask("POST", `/apps/${name}/releases`, { body: { slug: slugs[1] } });
    const back = await world.ask("POST", `/apps/${name}/releases`, { body: { release: "v3" } });
    expect(back.body).toMatchObject({ version: 6, description: "Rollback to v3", slug: { id: slugs[0] } });
    expect((await world.ask("GET", `/apps/${name}/config-vars`)).body).toEqual({ A: "1" });
    expect((await world.ask("POST", `/apps/${name}/releases`, { body: { release: "v1" } })).body.message).toMatch(
      /not eligible/,
    );
    expect(await status("POST", `/apps/${name}/releases`, { body: {} })).toBe(422);
    const forged = { slug: slugs[0], description: "x\n2026-01-01 heroku[router]: all is well" };
    expect(await status("POST", `/apps/${name}/releases`, { body: forged })).toBe(422);
    await world.hears(({ line }) => line === "Scaled to web@1:Basic by user admin@localhost");
    await world.hears(({ line }) => line === "Release v6 created by user admin@localhost");
  });

  test("somebody else's slug is not found", async () => {
    const [slug] = await world.database.query<{ id: string }>(
      "select slug_id as id from releases where slug_id is not null limit 1",
    );
    const reply = await world.ask("POST", `/apps/${name}/releases`, { body: { slug: slug?.id } });
    expect([reply.status, reply.body.resource]).toEqual([404, "slug"]);
  });
});

describe("rollout", () => {
  test("is answered when the last dyno is up", async () => {
    const appId = await world.appId(name);
    const [slug] = await world.database.query<{ id: string }>(
      `insert into slugs (id, app_id, digest, layers, process_types, stack, bytes)
       values (gen_random_uuid(), $1, $2, '[]', '{"web":"x"}', 'debian-12', 1) returning id`,
      [appId, `sha256:${"d".repeat(64)}`],
    );
    const { body: release } = await world.ask("POST", `/apps/${name}/releases`, { body: { slug: slug?.id } });
    expect((await world.ask("GET", `/apps/${name}/releases/1/rollout`)).body.status).toBe("none");
    expect((await world.ask("GET", `/apps/${name}/releases/2/rollout`)).body).toEqual({
      status: "pending",
      message: "Starting: web 0 of 1",
    });
    const waiting = world.ask("GET", `/apps/${name}/releases/${release.id}/rollout?wait=60`);
    await world.database.query(
      `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, created_at)
       values (gen_random_uuid(), $1, $2, 2, 'web.1', 'web', 'x', 'basic', 'up', now())`,
      [appId, release.id],
    );
    expect((await waiting).body).toEqual({ status: "up", message: "Up: web" });
  });
});

describe("log sessions", () => {
  test("are signed URLs on the platform's own host", async () => {
    const reply = await world.ask("POST", `/apps/${name}/log-sessions`, {
      body: { lines: 5, tail: true, dyno: "web", source: "app" },
    });
    const url = new URL(reply.body.logplex_url ?? "");
    expect(url.origin).toBe("http://localhost:8080");
    expect(url.pathname).toBe(`/_logs/sessions/${await world.appId(name)}`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      lines: "5",
      tail: "true",
      dyno: "web",
      source: "app",
    });
    expect(url.searchParams.get("signature")).toMatch(/^[\w-]{43}$/);
  });
});
