// Long because a self-deploy is told in one story, with the stand-in runtime it needs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../services/kernel/postgres.ts";
import { promotionOrder } from "../../services/kernel/system-apps.ts";
import { type ApiWorld, startApiWorld } from "./world.ts";

let world: ApiWorld;
let runtime: Runtime;
beforeEach(async () => {
  world = await startApiWorld({ PROMOTION_WATCH_SECONDS: "0" });
  runtime = startRuntime(world.database.query.bind(world.database), world);
}, 60_000);
afterEach(async () => {
  await runtime?.stop();
  await world?.stop();
});

/**
 * Plays the runtime's part: wherever a part of the platform has a new release, its dyno is up (or not, if it is named); the compiler's
 * one-off has ended, well or (if it is named) not.
 */
interface Runtime {
  failing: string | undefined;
  stop(): Promise<void>;
}

function startRuntime(query: Database["query"], { database }: ApiWorld): Runtime {
  const stopping = new AbortController();
  let turn = Promise.resolve();
  const runtime: Runtime = {
    failing: undefined,
    async stop() {
      stopping.abort();
      await turn;
    },
  };
  const look = async () => {
    if (stopping.signal.aborted) return;
    await query(
      `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, created_at)
       select gen_random_uuid(), a.id, r.id, r.version, a.name || '.1', a.name, 'x', 'system',
         case when a.name = $1 and r.description like 'Promote %' then 'crashed' else 'up' end, now()
       from apps a join releases r on r.app_id = a.id join formations f on f.app_id = a.id and f.quantity > 0
       where a.system and r.status = 'succeeded' and r.version = (select max(version) from releases where app_id = a.id)
       and not exists (select 1 from dynos d where d.release_id = r.id)`,
      [runtime.failing ?? ""],
    );
    await query(
      `insert into dynos (id, app_id, release_id, release_version, name, type, command, size, state, exit_status, exit_reason, created_at)
       select o.id, o.app_id, o.release_id, r.version, o.name, o.type, o.command, o.size, 'complete',
         case when $1 then 1 else 0 end, case when $1 then 'exit status 1' end, now()
       from one_offs o join releases r on r.id = o.release_id
       where not exists (select 1 from dynos d where d.id = o.id)`,
      [runtime.failing === "compiler"],
    );
  };
  database.listen(
    "desired",
    () => {
      turn = turn.then(look).catch(() => {});
    },
    stopping.signal,
  );
  return runtime;
}

/** A second slug of `quine`. */
async function newSlug(): Promise<string> {
  const [slug] = await world.database.query<{ id: string }>(
    `insert into slugs (id, app_id, digest, layers, process_types, stack, commit, bytes)
     select gen_random_uuid(), app_id, $1, layers, process_types, stack, 'bbbbbbbbbbbb', 1 from slugs limit 1 returning id`,
    [`sha256:${"b".repeat(64)}`],
  );
  return slug?.id ?? "";
}

/** Slug of each part's current release. */
async function slugsOfParts(): Promise<Set<string>> {
  const rows = await world.database.query<{ slug_id: string }>(
    `select (select slug_id from releases r where r.app_id = a.id and r.status = 'succeeded' order by version desc limit 1) as slug_id
     from apps a where a.system and a.name <> 'quine'`,
  );
  expect(rows).toHaveLength(promotionOrder.length);
  return new Set(rows.map(({ slug_id }) => slug_id));
}

/** Polls the rollout as a pusher's client does, until it is over. @returns its status and every line it ever showed. */
async function follow(release: unknown): Promise<{ status: string; lines: string[] }> {
  let lines: string[] = [];
  for (;;) {
    const { body } = await world.ask("GET", `/apps/quine/releases/${release}/rollout?wait=60`);
    const now = String(body.message).split("\n");
    expect(now.slice(0, lines.length)).toEqual(lines);
    lines = now.filter((line) => line !== "");
    if (body.status !== "pending") return { status: String(body.status), lines };
  }
}

describe("a release on quine", () => {
  test("is promoted to every part, one after the other", async () => {
    const slug = await newSlug();
    const { status, body } = await world.ask("POST", "/apps/quine/releases", { body: { slug } });
    expect([status, body.status, body.current]).toEqual([201, "pending", false]);
    const second = await world.ask("POST", "/apps/quine/releases", { body: { slug } });
    expect([second.status, second.body.id]).toEqual([409, "conflict"]);
    const { lines, ...over } = await follow(body.id);
    expect(over.status).toBe("up");
    expect(lines).toEqual([
      ...promotionOrder.flatMap((app) => [`${app}: release v2`, `${app}: up`]),
      "Promoted to every part",
    ]);
    expect(await slugsOfParts()).toEqual(new Set([slug]));
    expect((await world.ask("GET", "/apps/quine/releases/2")).body).toMatchObject({
      status: "succeeded",
      current: true,
    });
    expect((await world.ask("GET", "/apps/logs/releases/2")).body.description).toBe("Promote bbbbbbb");
    expect((await world.ask("GET", "/apps/logs/formation")).body).toMatchObject([{ type: "logs", quantity: 1 }]);
  }, 60_000);

  test("takes up a compiler only after one run of its self-check", async () => {
    const slug = await newSlug();
    const { body } = await world.ask("POST", "/apps/quine/releases", { body: { slug } });
    expect((await follow(body.id)).status).toBe("up");
    const compilerId = await world.appId("compiler");
    const oneOffs = await world.database.query(
      "select o.*, r.slug_id, r.version from one_offs o join releases r on r.id = o.release_id",
    );
    expect(oneOffs).toMatchObject([
      {
        app_id: compilerId,
        slug_id: slug,
        version: 2,
        type: "compiler",
        command: "node services/compiler/main.ts --self-check",
        size: "build",
        log_channel: `app:${compilerId}`,
        time_limit_seconds: 60,
        stop_requested_at: null,
      },
    ]);
    expect(oneOffs[0]?.name).toMatch(/^build\.\d{4}$/);
  }, 60_000);

  test("is undone when the compiler's self-check fails, before any other part has it", async () => {
    runtime.failing = "compiler";
    const before = await slugsOfParts();
    const { body } = await world.ask("POST", "/apps/quine/releases", { body: { slug: await newSlug() } });
    const { status, lines } = await follow(body.id);
    expect([status, lines]).toEqual([
      "crashed",
      [
        "compiler: release v2",
        "Undoing: compiler: its self-check failed: exit status 1",
        "compiler: put back",
        "Promotion failed: every part runs what it ran before",
      ],
    ]);
    expect(await slugsOfParts()).toEqual(before);
    expect((await world.ask("GET", "/apps/logs/releases")).body).toHaveLength(1);
    // What is put back ran before: it is not asked to prove itself.
    expect(await world.database.query("select id from one_offs")).toHaveLength(1);
  }, 60_000);

  test("is undone when its slug has no compiler at all", async () => {
    const slug = await newSlug();
    await world.database.query("update slugs set process_types = process_types - 'compiler' where id = $1", [slug]);
    const { body } = await world.ask("POST", "/apps/quine/releases", { body: { slug } });
    const { status, lines } = await follow(body.id);
    expect(status).toBe("crashed");
    expect(lines).toContain("Undoing: compiler: its self-check failed: the slug has no process type compiler");
  }, 60_000);

  test("is undone everywhere when a part crashes with it", async () => {
    runtime.failing = "api";
    const before = await slugsOfParts();
    const { body } = await world.ask("POST", "/apps/quine/releases", { body: { slug: await newSlug() } });
    const { status, lines } = await follow(body.id);
    expect(status).toBe("crashed");
    const touched = promotionOrder.slice(0, promotionOrder.indexOf("api") + 1);
    expect(lines.slice(lines.indexOf("api: release v2") + 1)).toEqual([
      "Undoing: api: api.1 crashed",
      ...touched.toReversed().map((app) => `${app}: put back`),
      "Promotion failed: every part runs what it ran before",
    ]);
    expect(await slugsOfParts()).toEqual(before);
    expect((await world.ask("GET", "/apps/quine/releases/2")).body.status).toBe("failed");
    expect((await world.ask("GET", "/apps/logs/releases/3")).body.description).toBe(
      "Undo promotion: api: api.1 crashed",
    );
    expect((await world.ask("GET", "/apps/postgres/releases")).body).toHaveLength(1);
  }, 60_000);
});

describe("the API killed again and again", () => {
  test.each(["", "router"])(
    "ends with all parts new or all as before (failing: %j)",
    async (failing) => {
      runtime.failing = failing;
      const before = await slugsOfParts();
      const slug = await newSlug();
      const { body } = await world.ask("POST", "/apps/quine/releases", { body: { slug } });
      // Two at a time, as while the API itself is replaced; the one that does a fourth step is killed.
      const watching = new AbortController();
      let steps = 0;
      let kills = 0;
      const runForever = async () => {
        while (!watching.signal.aborted) {
          const child = startProcess();
          const ended = once(child, "exit");
          const stop = () => child.kill("SIGKILL");
          watching.signal.addEventListener("abort", stop, { once: true });
          for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
            if (!line.startsWith("Promotion")) continue;
            steps++;
            if (steps % 4 !== 0) continue;
            kills++;
            child.kill("SIGKILL");
          }
          await ended;
          watching.signal.removeEventListener("abort", stop);
        }
      };
      await world.service.stop(1_000);
      const runners = [runForever(), runForever()];
      const promotion = await ending(world.database);
      watching.abort();
      await Promise.all(runners);
      expect(kills).toBeGreaterThan(1);
      expect(promotion).toBe(failing === "" ? "succeeded" : "failed");
      expect(await slugsOfParts()).toEqual(failing === "" ? new Set([slug]) : before);
      const [release] = await world.database.query("select status from releases where id = $1", [body.id]);
      expect(release?.status).toBe(promotion);
    },
    120_000,
  );
});

function startProcess(): ChildProcess {
  const { settings } = world;
  return spawn(process.execPath, [new URL("../../services/api/main.ts", import.meta.url).pathname], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PORT: "0",
      DATABASE_URL: settings.databaseUrl,
      SEAL_KEY: settings.sealKey,
      TOKEN_KEY: settings.tokenKey,
      REGISTRY_URL: settings.registryUrl,
      LOGS_URL: settings.logsUrl,
      LOGS_TOKEN: settings.logsToken,
      LOGS_KEY: settings.logsKey,
      PLATFORM_DOMAIN: settings.domain,
      PLATFORM_HTTP_PORT: "8080",
      PLATFORM_HTTPS_PORT: "8443",
      PROMOTION_WATCH_SECONDS: "0",
    },
  });
}

/** The status a promotion ends with. */
function ending(database: Database): Promise<string> {
  const stopping = new AbortController();
  return new Promise((resolve, reject) => {
    database.listen(
      "desired",
      () => {
        database
          .query<{ status: string }>("select status from promotions where status not in ('pending', 'undoing')")
          .then(([row]) => {
            if (row === undefined) return;
            stopping.abort();
            resolve(row.status);
          }, reject);
      },
      stopping.signal,
    );
  });
}
