import { afterAll, beforeAll, expect, test } from "vitest";
import { violations } from "./schema.ts";
import { type ApiWorld, type Ask, startApiWorld } from "./world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
}, 60_000);
afterAll(() => world?.stop());

/** Asks, and holds the reply against the link of the schema. */
async function link(method: string, href: string, path: string, status: number, ask?: Ask) {
  const reply = await world.ask(method, path, ask);
  expect({ path, status: reply.status, text: reply.status === status ? "" : reply.text }).toEqual({
    path,
    status,
    text: "",
  });
  expect(violations(`${method} ${href}`, reply.body)).toEqual([]);
  return reply.body;
}

test("every link answers what the schema says", async () => {
  const account = await link("GET", "/account", "/account", 200);
  expect(account.email).toBe("admin@localhost");
  await link("GET", "/users/{}", "/users/~", 200);

  const app = await link("POST", "/apps", "/apps", 201, { body: { name: "shop" } });
  expect(app).toMatchObject({
    name: "shop",
    create_status: "complete",
    web_url: "http://shop.localhost:8080/",
    git_url: "http://localhost:8080/shop.git",
    system: false,
  });
  const generated = await link("POST", "/apps", "/apps", 201, { body: {} });
  expect(generated.name).toMatch(/^[a-z]+-[a-z]+-\d{5}$/);
  await link("DELETE", "/apps/{}", `/apps/${generated.id}`, 200);
  expect((await link("GET", "/apps", "/apps", 200)).map((one) => one.name)).toEqual(["shop"]);
  await link("GET", "/users/{}/apps", "/users/~/apps", 200);
  expect((await link("GET", "/apps/{}", `/apps/${app.id}`, 200)).name).toBe("shop");
  expect((await link("PATCH", "/apps/{}", "/apps/shop", 200, { body: { maintenance: true } })).maintenance).toBe(true);

  expect(
    await link("PATCH", "/apps/{}/config-vars", "/apps/shop/config-vars", 200, { body: { A: "1", B: "zwei" } }),
  ).toEqual({ A: "1", B: "zwei" });
  expect(await link("GET", "/apps/{}/config-vars", "/apps/shop/config-vars", 200)).toEqual({ A: "1", B: "zwei" });
  expect(await link("GET", "/apps/{}/releases/{}/config-vars", "/apps/shop/releases/1/config-vars", 200)).toEqual({});

  const slug = await deploy(app.id, { web: "node web.js", worker: "node worker.js" });
  const release = await link("POST", "/apps/{}/releases", "/apps/shop/releases", 201, { body: { slug } });
  expect(release).toMatchObject({ version: 3, description: "Deploy 0123456", current: true, status: "succeeded" });
  await link("GET", "/apps/{}/slugs/{}", `/apps/shop/slugs/${slug}`, 200);
  await link("GET", "/apps/{}/releases", "/apps/shop/releases", 200);
  await link("GET", "/apps/{}/releases/{}", "/apps/shop/releases/v3", 200);
  await link("GET", "/apps/{}/releases/{}", `/apps/shop/releases/${release.id}`, 200);

  const formation = await link("GET", "/apps/{}/formation", "/apps/shop/formation", 200);
  expect(formation.map((one) => [one.type, one.quantity])).toEqual([
    ["web", 1],
    ["worker", 0],
  ]);
  await link("PATCH", "/apps/{}/formation", "/apps/shop/formation", 200, {
    body: { updates: [{ type: "web", quantity: "+1", size: "standard-1x" }] },
  });
  await link("PATCH", "/apps/{}/formation/{}", "/apps/shop/formation/worker", 200, { body: { quantity: 1 } });
  expect(await link("GET", "/apps/{}/formation/{}", "/apps/shop/formation/web", 200)).toMatchObject({
    quantity: 2,
    size: "Standard-1X",
    command: "node web.js",
  });

  await run(app.id, release.id, 3, "web.1", "web", "up");
  const [dyno] = await link("GET", "/apps/{}/dynos", "/apps/shop/dynos", 200);
  expect(dyno).toMatchObject({ name: "web.1", state: "up", release: { version: 3 }, size: "Basic" });
  await link("GET", "/apps/{}/dynos/{}", "/apps/shop/dynos/web.1", 200);
  await link("DELETE", "/apps/{}/dynos/{}", "/apps/shop/dynos/web.1", 202);
  await link("DELETE", "/apps/{}/dynos", "/apps/shop/dynos", 202);
  await link("DELETE", "/apps/{}/formations/{}", "/apps/shop/formations/web", 202);
  await link("POST", "/apps/{}/dynos/{}/actions/stop", "/apps/shop/dynos/web.1/actions/stop", 202);
  await link("POST", "/apps/{}/formations/{}/actions/stop", "/apps/shop/formations/web/actions/stop", 202);

  await link("POST", "/sources", "/sources", 201);
  await link("POST", "/apps/{}/sources", "/apps/shop/sources", 201);
  const build = await link("POST", "/apps/{}/builds", "/apps/shop/builds", 201, {
    body: { source_blob: { url: "https://example.org/a.tgz", version: "v1" } },
  });
  expect(build).toMatchObject({ status: "pending", failure_message: null, promotion: null, release: null });
  await link("GET", "/apps/{}/builds", "/apps/shop/builds", 200);
  await link("GET", "/apps/{}/builds/{}", `/apps/shop/builds/${build.id}`, 200);
  expect(await link("DELETE", "/apps/{}/builds/{}", `/apps/shop/builds/${build.id}`, 200)).toMatchObject({
    status: "failed",
    failure_message: "Build cancelled by admin@localhost",
  });

  await link("PUT", "/apps/{}/buildpack-installations", "/apps/shop/buildpack-installations", 200, {
    body: { updates: [{ buildpack: "heroku/nodejs" }, { buildpack: "https://example.org/pack.tgz" }] },
    headers: { range: "" },
  });
  expect(await link("GET", "/apps/{}/buildpack-installations", "/apps/shop/buildpack-installations", 200)).toEqual([
    { ordinal: 0, buildpack: { url: "urn:buildpack:heroku/nodejs", name: "heroku/nodejs" } },
    { ordinal: 1, buildpack: { url: "https://example.org/pack.tgz", name: "https://example.org/pack.tgz" } },
  ]);

  const domain = await link("POST", "/apps/{}/domains", "/apps/shop/domains", 201, {
    body: { hostname: "www.example.org", sni_endpoint: null },
  });
  expect(await link("GET", "/apps/{}/domains", "/apps/shop/domains", 200)).toHaveLength(2);
  await link("GET", "/apps/{}/domains/{}", `/apps/shop/domains/${domain.id}`, 200);
  await link("DELETE", "/apps/{}/domains/{}", "/apps/shop/domains/www.example.org", 200);

  await link("POST", "/apps/{}/log-sessions", "/apps/shop/log-sessions", 201, { body: { lines: 10, tail: true } });
  expect(await link("GET", "/apps/{}/collaborators", "/apps/shop/collaborators", 200)).toHaveLength(1);
  await link("GET", "/apps/{}/features", "/apps/shop/features", 200);
  await link("GET", "/apps/{}/addons", "/apps/shop/addons", 200);
  await link("GET", "/apps/{}/addon-attachments", "/apps/shop/addon-attachments", 200);
  await link("GET", "/addons", "/addons", 200);
  await link("GET", "/addon-attachments", "/addon-attachments", 200);
  await link("GET", "/stacks", "/stacks", 200);
  await link("GET", "/stacks/{}", "/stacks/debian-12", 200);
  await link("GET", "/apps/{}/available-stacks", "/apps/shop/available-stacks", 200);
  await link("GET", "/regions", "/regions", 200);
  await link("GET", "/regions/{}", "/regions/local", 200);
  expect(await link("GET", "/dyno-sizes", "/dyno-sizes", 200)).toHaveLength(6);
  await link("GET", "/dyno-sizes/{}", "/dyno-sizes/standard-1x", 200);

  const rollback = await link("POST", "/apps/{}/releases", "/apps/shop/releases", 201, {
    body: { release: release.id },
  });
  expect(rollback).toMatchObject({ version: 4, description: "Rollback to v3", slug: { id: slug } });
  await link("DELETE", "/apps/{}", "/apps/shop", 200);
  expect((await world.ask("GET", "/apps/shop")).status).toBe(404);
});

async function deploy(appId: unknown, processTypes: Record<string, string>): Promise<string> {
  const [row] = await world.database.query<{ id: string }>(
    `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, bytes)
     values (gen_random_uuid(), $1, $2, '[]', $3, 'debian-12', '0123456789', 10) returning id`,
    [appId, `sha256:${"b".repeat(64)}`, JSON.stringify(processTypes)],
  );
  return row?.id ?? "";
}

async function run(appId: unknown, releaseId: unknown, version: number, name: string, type: string, state: string) {
  await world.database.query(
    `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, created_at)
     values (gen_random_uuid(), $1, $2, $3, $4, $5, 'node web.js', 'basic', $6, now())`,
    [appId, releaseId, version, name, type, state],
  );
}
