import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dynoContainer } from "../../services/kernel/dyno/container.ts";
import { noTrust } from "../../services/kernel/dyno/dyno.ts";
import type { Platform } from "../../services/kernel/platform.ts";
import { createSeal, openAll } from "../../services/kernel/seal.ts";
import { systemAppNamed, systemApps } from "../../services/kernel/system-apps.ts";
import { bootDyno, desiredState, planBootstrap, type SlugA } from "../../services/seed/bootstrap.ts";
import { environmentLines, quote } from "../../services/seed/environment-lines.ts";
import { runtimeDyno } from "../../services/seed/kinds/runtime.ts";
import { idFor, makeSecrets } from "../../services/seed/secrets.ts";
import { parseCompiled } from "../../services/seed/slug-a.ts";

const platform: Platform = {
  name: "quine",
  dataDir: "/var/lib/quine",
  domain: "localhost",
  httpPort: 8080,
  httpsPort: 8443,
  bindAddress: "127.0.0.1",
  subnetPrefix: "10.201",
  stackImage: "quine/debian-12:abc",
  engineSocket: "/var/run/docker.sock",
};
const slug: SlugA = {
  commit: "c".repeat(40),
  stack: "debian-12",
  layers: [{ digest: `sha256:${"a".repeat(64)}`, bytes: 10, kind: "deps" }],
  processTypes: Object.fromEntries(systemApps.map(({ name }) => [name, `run ${name}`])),
};
const secrets = makeSecrets(new Date("2026-01-02T03:04:05Z"));
const bootstrap = planBootstrap(platform, secrets, { certificate: "CERTIFICATE", key: "KEY" }, slug);
const config = (name: string) => bootstrap.apps.find((app) => app.name === name)?.config ?? {};

describe("the first registration", () => {
  test("is the same each time it is planned", () => {
    expect(planBootstrap(platform, secrets, { certificate: "CERTIFICATE", key: "KEY" }, slug)).toEqual(bootstrap);
  });

  test("no two things share an id, and ids are UUIDs", () => {
    const ids = [
      bootstrap.accountId,
      bootstrap.tokenId,
      bootstrap.slugId,
      ...bootstrap.apps.flatMap((app) => [app.id, app.releaseId, ...app.formation.map(({ id }) => id)]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    fc.assert(
      fc.property(fc.uuid(), fc.string(), (installationId, what) =>
        /^[0-9a-f-]{36}$/.test(idFor({ installationId }, what)),
      ),
    );
  });

  test("holds every app of the platform and its source, and nothing for the compiler to stand", () => {
    expect(bootstrap.apps.map(({ name }) => name)).toEqual([...systemApps.map(({ name }) => name), "quine"]);
    expect(bootstrap.apps.find(({ name }) => name === "compiler")?.formation).toMatchObject([
      { quantity: 0, size: "system" },
    ]);
  });

  test.each([
    ["DATABASE_URL", ["api", "git", "router", "runtime"]],
    ["SEAL_KEY", ["api", "runtime"]],
    ["TOKEN_KEY", ["api"]],
    ["REGISTRY_URL", ["api", "git", "runtime"]],
    ["API_URL", ["git"]],
    ["LOGS_TOKEN", ["api", "git", "logs", "router", "runtime"]],
    ["LOGS_KEY", ["api", "logs"]],
    ["TLS_KEY", ["router"]],
    ["INGRESS_ADDRESS", ["router"]],
    ["PLATFORM", ["runtime"]],
    ["POSTGRES_PASSWORD", ["postgres"]],
    ["REGISTRY_HTTP_SECRET", ["registry"]],
    ["PLATFORM_DOMAIN", [...systemApps.map(({ name }) => name), "quine"].sort()],
  ])("%s goes to %j only", (name, apps) => {
    expect(
      bootstrap.apps
        .filter((app) => app.config[name] !== undefined)
        .map((app) => app.name)
        .sort(),
    ).toEqual(apps);
  });

  test("no secret reaches the app whose dynos run strangers' builds", () => {
    const values = Object.values(config("compiler")).join("\n");
    for (const secret of [...Object.values(secrets.rolePasswords), secrets.sealKey, secrets.tokenKey, secrets.apiToken])
      expect(values).not.toContain(secret);
    expect(Object.keys(config("compiler"))).toEqual(Object.keys(config("quine")));
  });

  test("each service has a password of its own", () => {
    const urls = ["api", "git", "router", "runtime"].map((name) => config(name).DATABASE_URL);
    expect(new Set(urls).size).toBe(4);
    expect(urls[0]).toBe(`postgres://api:${secrets.rolePasswords.api}@10.201.0.3:5432/quine`);
  });
});

describe("the first dynos", () => {
  test("no secret stands in a label or a command", () => {
    const postgres = systemAppNamed("postgres");
    if (postgres === undefined) throw new Error("no postgres");
    const spec = dynoContainer(
      platform,
      bootDyno(bootstrap, postgres, idFor(secrets, "dyno/postgres.1"), new Date(0)),
      "sandbox",
      noTrust,
    );
    const visible = JSON.stringify([spec.name, spec.labels, spec.command]);
    for (const secret of [secrets.postgresPassword, secrets.sealKey, secrets.apiToken])
      expect(visible).not.toContain(secret);
    expect(spec.labels).toMatchObject({ "quine.app": "postgres", "quine.dyno": "postgres.1", "quine.release": "1" });
  });

  test("a Procfile without a line for a part is an error that names it", () => {
    const postgres = systemAppNamed("postgres");
    if (postgres === undefined) throw new Error("no postgres");
    const lame = planBootstrap(platform, secrets, { certificate: "", key: "" }, { ...slug, processTypes: {} });
    expect(() => bootDyno(lame, postgres, "id", new Date(0))).toThrow(/Cannot start postgres: the Procfile/);
  });

  test("the runtime is started from its own orders, whose values are sealed", () => {
    const seal = createSeal(secrets.sealKey);
    const desired = desiredState(bootstrap, seal);
    expect(JSON.stringify(desired)).not.toContain(secrets.rolePasswords.runtime);
    const dyno = runtimeDyno(desired, secrets.sealKey, "id", new Date(0));
    expect(dyno).toMatchObject({
      name: "runtime.1",
      command: "run runtime",
      releaseVersion: 1,
      env: config("runtime"),
    });
    const api = desired.apps.find(({ name }) => name === "api");
    expect(openAll(seal, api?.release?.config ?? {})).toEqual(config("api"));
  });
});

describe("what the compiler wrote", () => {
  const good = { stack: "debian-12", layers: slug.layers, processTypes: { web: "x" } };
  test("a slug is a slug", () => {
    expect(parseCompiled(JSON.stringify(good), "abc")).toEqual({ ...good, commit: "abc" });
  });
  test.each([
    ["no layers", { ...good, layers: [] }],
    ["a digest that is a path", { ...good, layers: [{ ...slug.layers[0], digest: "../../etc/passwd" }] }],
    ["an unknown kind", { ...good, layers: [{ ...slug.layers[0], kind: "root" }] }],
    ["a command that is none", { ...good, processTypes: { web: 1 } }],
  ])("%s is none", (_, document) => {
    expect(() => parseCompiled(JSON.stringify(document), "abc")).toThrow(/not a slug/);
  });
});

describe("quine env", () => {
  const read = (lines: string[], name: string) =>
    execFileSync("bash", ["-c", `${lines.join("\n")}\nprintf %s "$${name}"`], { encoding: "utf8" });
  test("a shell reads back what was meant", () => {
    const lines = environmentLines(platform, "tok'en $(id)");
    expect(read(lines, "HEROKU_API_KEY")).toBe("tok'en $(id)");
    expect(read(lines, "HEROKU_HOST")).toBe("http://localhost:8080");
    expect(read(lines, "GIT_SSL_CAINFO")).toBe("/var/lib/quine/ca-bundle.pem");
    expect(read(lines, "HEROKU_HEADERS")).toBe("");
  });
  test("`quine` becomes a word of the shell", () => {
    const lines = environmentLines(platform, "tok", "/bin/echo");
    expect(execFileSync("sh", ["-c", `${lines.join("\n")}\nquine "a  b" c`], { encoding: "utf8" })).toBe("a  b c\n");
  });
  test("for a domain that the CLI does not send its token to, the token is a header", () => {
    const lines = environmentLines({ ...platform, domain: "localhost.apps.test" }, "tok");
    expect(JSON.parse(read(lines, "HEROKU_HEADERS"))).toEqual({ authorization: "Bearer tok" });
  });
  test("any text is one word", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes("\0")),
        (text) => execFileSync("sh", ["-c", `printf %s ${quote(text)}`], { encoding: "utf8" }) === text,
      ),
      { numRuns: 25 },
    );
  });
});
