import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createDockerEngine } from "../../services/kernel/engine/docker.ts";
import type { Engine } from "../../services/kernel/engine/port.ts";
import { labels, type Platform } from "../../services/kernel/platform.ts";

/** A running platform, as `bin/quine env` tells of it. */
export interface Target {
  readonly platform: Platform;
  readonly engine: Engine;
  readonly token: string;
  /** One call of the Platform API. @throws Error when it is refused. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** GET / of an app, through the router. */
  askApp(app: string): Promise<{ status: number; body: string }>;
  /** Addresses of sandboxes that wait for a dyno. */
  readySandboxes(): Promise<string[]>;
}

/** @param environment with HEROKU_API_KEY and QUINE_DATA from `bin/quine env`. */
export async function openTarget(environment: Readonly<Record<string, string | undefined>>): Promise<Target> {
  const { HEROKU_API_KEY: token, QUINE_DATA: dataDir } = environment;
  if (token === undefined || dataDir === undefined)
    throw new Error('Which platform? Run eval "$(bin/quine env)" first, or let the bench bring one up with --up');
  const platform = JSON.parse(await readFile(`${dataDir}/platform.json`, "utf8")) as Platform;
  const engine = createDockerEngine(platform.engineSocket);
  // Kept alive: a client that calls often is what is measured, not its handshakes.
  const agent = new http.Agent({ keepAlive: true });
  const send = async (host: string, method: string, path: string, headers: Record<string, string>, body?: string) => {
    const request = http.request({
      host: platform.bindAddress,
      port: platform.httpPort,
      agent,
      method,
      path,
      headers: { ...headers, host: `${host}:${platform.httpPort}` },
    });
    request.end(body);
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    return { status: response.statusCode ?? 0, body: (await response.toArray()).join("") };
  };

  return {
    platform,
    engine,
    token,
    async api<T>(method: string, path: string, body?: unknown) {
      const headers = {
        accept: "application/vnd.heroku+json; version=3",
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      };
      const text = body === undefined ? undefined : JSON.stringify(body);
      const answer = await send(`api.${platform.domain}`, method, path, headers, text);
      if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${answer.body}`);
      return (answer.body === "" ? undefined : JSON.parse(answer.body)) as T;
    },
    askApp: (app) => send(`${app}.${platform.domain}`, "GET", "/", {}),
    async readySandboxes() {
      const found = await engine.listContainers({ [labels.platform]: platform.name });
      const used = new Set(found.map((fact) => fact.labels[labels.sandbox]));
      return found
        .filter((fact) => fact.labels[labels.kind] === "sandbox" && !used.has(fact.id))
        .flatMap((fact) => fact.address ?? []);
    },
  };
}
