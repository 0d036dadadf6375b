// Long because it keeps the contract of the whole Platform API that the command line uses, in memory.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** What a request was, for tests that ask what went over the wire. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

interface App {
  id: string;
  name: string;
  system: boolean;
  owner: string;
  vars: Record<string, string>;
  formation: { type: string; quantity: number; size: string; command: string }[];
  dynos: Record<string, unknown>[];
  releases: Record<string, unknown>[];
  builds: (Record<string, unknown> & { id: string; status: string })[];
  buildpacks: string[];
  domains: Record<string, unknown>[];
}

/** A platform's API as far as the contract with its clients goes, on a port of its own. */
export interface ApiWorld {
  readonly origin: string;
  readonly token: string;
  readonly seen: readonly Seen[];
  addApp(name: string, options?: { system?: boolean; owner?: string; isDeployed?: boolean }): App;
  addBuild(app: string, status: string, output: string): string;
  /** Where log sessions are; without it there are none. */
  logSession: ((appId: string, query: Record<string, string>) => string) | undefined;
  stop(): Promise<void>;
}

export const me = "me@example.com";
const at = "2026-01-02T03:04:05Z";

class Refusal extends Error {
  readonly status: number;
  readonly id: string;
  readonly resource: string | undefined;
  constructor(status: number, id: string, message: string, resource?: string) {
    super(message);
    this.status = status;
    this.id = id;
    this.resource = resource;
  }
}

export async function startApiWorld(): Promise<ApiWorld> {
  const token = "a-token-that-nobody-may-see";
  const apps: App[] = [];
  const outputs = new Map<string, string>();
  const seen: Seen[] = [];

  const server = http.createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const { method = "", url = "", headers } = request;
    seen.push({ method, path: url, body, authorization: headers.authorization });
    try {
      const { pathname, searchParams } = new URL(url, origin);
      const output = /^\/outputs\/(.+)$/.exec(pathname)?.[1];
      if (output !== undefined) {
        response.writeHead(200, { "content-type": "text/plain" });
        response.end(outputs.get(output));
        return;
      }
      if (headers.authorization !== `Bearer ${token}`) throw new Refusal(401, "unauthorized", "Invalid credentials.");
      if (!/^application\/vnd\.heroku\+json; version=3/.test(headers.accept ?? "")) {
        throw new Refusal(406, "not_acceptable", "Say version=3.");
      }
      const { status, value } = route(method, pathname, body, searchParams);
      if (Array.isArray(value)) {
        const { page, next } = paged(value, headers.range);
        response.writeHead(next === undefined ? status : 206, {
          "content-type": "application/json",
          ...(next === undefined ? {} : { "next-range": next }),
        });
        response.end(`${JSON.stringify(page, undefined, 2)}\n`);
        return;
      }
      response.writeHead(status, { "content-type": "application/json" });
      response.end(`${JSON.stringify(value, undefined, 2)}\n`);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      const { id, message, resource } = thrown;
      response.writeHead(thrown.status, { "content-type": "application/json" });
      response.end(`${JSON.stringify({ id, message, resource })}\n`);
    }
  }

  /** Pages of three where no size is asked for, so that clients have to follow. */
  function paged(all: unknown[], range: string | undefined): { page: unknown[]; next: string | undefined } {
    const max = Number(/max=(\d+)/.exec(range ?? "")?.[1] ?? 3);
    const start = Number(/^opaque \](\d+)/.exec(range ?? "")?.[1] ?? 0);
    const ordered = range?.includes("order=desc") ? all.toReversed() : all;
    const page = ordered.slice(start, start + max);
    return { page, next: start + max < all.length ? `opaque ]${start + max}..; max=${max}` : undefined };
  }

  type Answer = { status: number; value: unknown };
  const ok = (value: unknown, status = 200): Answer => ({ status, value });

  function route(method: string, pathname: string, body: unknown, query: URLSearchParams): Answer {
    const words = pathname.split("/").slice(1).map(decodeURIComponent);
    const [first, second = "", ...rest] = words;
    const fields = (body ?? {}) as Record<string, unknown>;
    if (pathname === "/account") return ok({ email: me, id: "1" });
    if (pathname === "/users/~/apps") return ok(apps.filter((app) => !app.system && app.owner === me).map(present));
    if (pathname === "/apps" && method === "GET") {
      return ok(apps.filter((app) => app.system === (query.get("system") === "true")).map(present));
    }
    if (pathname === "/apps" && method === "POST") {
      const name = String(fields.name ?? "still-meadow-1234");
      if (apps.some((app) => app.name === name)) throw new Refusal(422, "invalid_params", "Name is already taken");
      return ok(present(world.addApp(name)), 201);
    }
    const app = first === "apps" ? apps.find((one) => one.name === second || one.id === second) : undefined;
    if (app === undefined) throw new Refusal(404, "not_found", "Couldn't find that app.", "app");
    return ofApp(app, method, rest, fields);
  }

  function ofApp(app: App, method: string, words: readonly string[], fields: Record<string, unknown>): Answer {
    const [noun, id, verb] = words;
    switch (`${method} ${noun ?? ""}`) {
      case "GET ":
        return ok(present(app));
      case "PATCH ":
        app.name = String(fields.name);
        return ok(present(app));
      case "DELETE ":
        apps.splice(apps.indexOf(app), 1);
        return ok(present(app));
      case "GET config-vars":
        return ok(app.vars);
      case "PATCH config-vars":
        for (const [name, value] of Object.entries(fields)) {
          if (value === null) delete app.vars[name];
          else app.vars[name] = String(value);
        }
        release(app, `Set ${Object.keys(fields).join(", ")} config vars`);
        return ok(app.vars);
      case "GET dynos":
        return ok(app.dynos);
      case "DELETE dynos":
      case "DELETE formations":
      case "POST dynos":
      case "POST formations":
        if (noun === "dynos" && id !== undefined && !app.dynos.some((dyno) => dyno.name === id)) {
          throw new Refusal(404, "not_found", "Couldn't find that dyno.", "dyno");
        }
        if (method === "POST" && words.slice(2).join("/") !== "actions/stop") break;
        return ok({}, 202);
      case "GET formation":
        return ok(app.formation);
      case "PATCH formation":
        for (const update of fields.updates as { type: string; quantity: string; size?: string }[]) {
          const entry = app.formation.find((one) => one.type === update.type);
          if (entry === undefined) throw new Refusal(404, "not_found", "Couldn't find that process type.", "formation");
          const amount = Number(update.quantity);
          entry.quantity = /^[+-]/.test(update.quantity) ? entry.quantity + amount : amount;
          entry.size = update.size ?? entry.size;
        }
        return ok(app.formation);
      case "GET releases": {
        if (id === undefined) return ok(app.releases);
        const found = app.releases.find((one) => String(one.version) === id || one.id === id);
        if (found === undefined) throw new Refusal(404, "not_found", "Couldn't find that release.", "release");
        return ok(verb === "config-vars" ? app.vars : found);
      }
      case "POST releases": {
        const from = app.releases.find((one) => one.id === fields.release);
        if (from === undefined) throw new Refusal(404, "not_found", "Couldn't find that release.", "release");
        return ok(release(app, `Rollback to v${from.version}`), 201);
      }
      case "POST log-sessions": {
        const query = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
        return ok({ id: randomUUID(), logplex_url: world.logSession?.(app.id, query) }, 201);
      }
      case "GET builds": {
        if (id === undefined) return ok(app.builds);
        const found = app.builds.find((one) => one.id === id);
        if (found === undefined) throw new Refusal(404, "not_found", "Couldn't find that build.", "build");
        return ok(found);
      }
      case "DELETE builds": {
        const found = app.builds.find((one) => one.id === id);
        if (found !== undefined) found.status = "failed";
        return ok(found);
      }
      case "GET domains":
        return ok(app.domains);
      case "POST domains":
        app.domains.push({
          id: randomUUID(),
          kind: "custom",
          hostname: fields.hostname,
          cname: `${app.name}.localhost`,
        });
        return ok(app.domains.at(-1), 201);
      case "DELETE domains": {
        const index = app.domains.findIndex((one) => one.hostname === id || one.id === id);
        if (index < 0) throw new Refusal(404, "not_found", "Couldn't find that domain name.", "domain");
        return ok(app.domains.splice(index, 1)[0]);
      }
      case "PUT buildpack-installations":
        app.buildpacks = (fields.updates as { buildpack: string }[]).map(({ buildpack }) => buildpack);
        return ok(installations(app));
      case "GET buildpack-installations":
        return ok(installations(app));
    }
    throw new Refusal(404, "not_found", "The requested API endpoint was not found.");
  }

  function present(app: App): Record<string, unknown> {
    return {
      id: app.id,
      name: app.name,
      system: app.system,
      owner: { email: app.owner },
      created_at: at,
      released_at: app.releases.length === 0 ? null : at,
      maintenance: false,
      stack: { name: "debian-12" },
      region: { name: "local" },
      web_url: origin.replace("localhost", `${app.name}.localhost`).concat("/"),
      git_url: `${origin}/${app.name}.git`,
    };
  }

  function release(app: App, description: string): Record<string, unknown> {
    for (const one of app.releases) one.current = false;
    const made = {
      id: randomUUID(),
      version: app.releases.length + 1,
      description,
      status: "succeeded",
      current: true,
      eligible_for_rollback: true,
      slug: { id: "slug-1" },
      user: { email: me },
      created_at: at,
    };
    app.releases.push(made);
    return made;
  }

  function installations(app: App): unknown[] {
    return app.buildpacks.map((url, ordinal) => ({ ordinal, buildpack: { url, name: url } }));
  }

  const world: ApiWorld = {
    origin,
    token,
    seen,
    logSession: undefined,
    addApp(name, { system = false, owner = me, isDeployed = false } = {}) {
      const app: App = {
        id: randomUUID(),
        name,
        system,
        owner,
        vars: {},
        formation: [],
        dynos: [],
        releases: [],
        builds: [],
        buildpacks: [],
        domains: [{ id: randomUUID(), kind: "heroku", hostname: `${name}.localhost`, cname: null }],
      };
      apps.push(app);
      if (isDeployed) {
        release(app, "Initial release");
        release(app, "Deploy 1234567");
        app.formation.push({ type: "web", quantity: 1, size: "Basic", command: "npm start" });
        app.formation.push({ type: "worker", quantity: 0, size: "Basic", command: "npm run work" });
        app.dynos.push(dyno("web.1", "npm start", "up", 2));
      }
      return app;
    },
    addBuild(name, status, output) {
      const app = apps.find((one) => one.name === name);
      if (app === undefined) throw new Error(`no app ${name}`);
      const id = randomUUID();
      outputs.set(id, output);
      app.builds.push({
        id,
        status,
        created_at: `2026-01-02T03:04:${String(app.builds.length).padStart(2, "0")}Z`,
        user: { email: me },
        source_blob: { version: "1234567890abcdef" },
        output_stream_url: `${origin}/outputs/${id}`,
        failure_message: status === "failed" ? "The compiler found no language." : null,
      });
      return id;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return world;
}

/** A dyno as the API presents it. */
export function dyno(name: string, command: string, state: string, version: number): Record<string, unknown> {
  return {
    id: randomUUID(),
    name,
    type: name.split(".")[0],
    command,
    state,
    size: "Basic",
    release: { version },
    updated_at: at,
  };
}
