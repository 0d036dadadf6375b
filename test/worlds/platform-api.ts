import { randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type net from "node:net";
import { buffer, json } from "node:stream/consumers";

/** What a test does with a build that was asked for. */
export interface BuildInHand {
  readonly id: string;
  readonly appName: string;
  readonly version: string;
  /** The tar that was uploaded. */
  readonly source: Buffer;
  write(text: string): void;
  /** Cuts the connections of those who read the output; what was written stays. */
  breakOutput(): void;
  succeed(releaseId?: string): void;
  fail(message?: string): void;
}

/**
 * The part of the Platform API that a push needs, as a real HTTP server. The URLs it hands out name a public host that leads nowhere,
 * as it is in a dyno. What a build does is the test's to say.
 */
export interface PlatformApiWorld {
  readonly url: string;
  /** `METHOD /path` of each request, in order, with what it was authorised by. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** An app that the holder of the token may see. */
  addApp(name: string, token: string): { readonly id: string; readonly name: string };
  onBuild: (build: BuildInHand) => void;
  /** Answers of the rollout, one a request; the last one stays. */
  rollout: { status: string; message?: string }[];
  /** Called with each request before it is looked at; what it returns is waited for, and with `false` the request is dropped unanswered. */
  // biome-ignore lint/suspicious/noConfusingVoidType: because most who look have nothing to answer.
  before: (line: string) => Promise<false | void> | false | void;
  stop(): Promise<void>;
}

interface Build {
  readonly id: string;
  readonly appId: string;
  readonly version: string;
  readonly createdAt: Date;
  readonly readers: Set<http.ServerResponse>;
  output: string;
  status: "pending" | "succeeded" | "failed";
  releaseId: string | undefined;
  message: string | undefined;
}

interface Known {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export async function startPlatformApi(): Promise<PlatformApiWorld> {
  const apps: Known[] = [];
  const sources = new Map<string, Buffer>();
  const builds = new Map<string, Build>();
  const publicUrl = "http://platform.invalid:1";

  const world: Omit<PlatformApiWorld, "url" | "stop"> = {
    requests: [],
    onBuild: (build) => build.succeed(),
    rollout: [{ status: "up" }],
    before: () => {},
    addApp(name, token) {
      const app = { id: randomUUID(), name, token };
      apps.push(app);
      return app;
    },
  };

  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const line = `${request.method} ${request.url}`;
    world.requests.push({ line, authorization: request.headers.authorization });
    if ((await world.before(line)) === false) {
      request.destroy();
      return;
    }
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body, null, 2));
    };
    const path = (request.url ?? "").split("?")[0] ?? "";
    const [, kind, id = "", part, partId = ""] = path.split("/");

    if (kind === "sources" && request.method === "PUT") {
      sources.set(id, await buffer(request));
      return answer(201, {});
    }
    if (kind === "_logs") return followOutput(builds.get(part ?? ""), response);
    if (kind !== "apps") return answer(404, { id: "not_found", message: "Not found" });

    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (!apps.some((app) => app.token === token))
      return answer(401, { id: "unauthorized", message: "Invalid credentials provided." });
    const app = apps.find((one) => (one.name === id || one.id === id) && one.token === token);
    if (app === undefined) return answer(404, { resource: "app", id: "not_found", message: "Couldn't find that app." });
    if (part === undefined) return answer(200, { id: app.id, name: app.name, git_url: "", web_url: "" });
    if (part === "sources") {
      const source = randomUUID();
      const url = `${publicUrl}/sources/${source}?signature=capability`;
      return answer(201, { source_blob: { put_url: url, get_url: url } });
    }
    if (part === "builds" && request.method === "POST") {
      const { source_blob } = (await json(request)) as { source_blob: { url: string; version: string } };
      const source = sources.get(new URL(source_blob.url).pathname.split("/")[2] ?? "");
      if (source === undefined) return answer(422, { id: "invalid_params", message: "No such source" });
      const build = newBuild(app.id, source_blob.version);
      builds.set(build.id, build);
      answer(201, present(build, publicUrl));
      return world.onBuild(inHand(build, app.name, source));
    }
    if (part === "builds" && partId === "") {
      const listed = [...builds.values()].filter(({ appId }) => appId === app.id).reverse();
      return answer(
        200,
        listed.map((build) => present(build, publicUrl)),
      );
    }
    if (part === "builds") {
      const build = builds.get(partId);
      return build === undefined ? answer(404, { id: "not_found" }) : answer(200, present(build, publicUrl));
    }
    if (part === "releases") {
      const next = world.rollout.length > 1 ? world.rollout.shift() : world.rollout[0];
      return answer(200, next);
    }
    answer(404, { id: "not_found" });
  };

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(world, {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  });
}

function newBuild(appId: string, version: string): Build {
  return {
    id: randomUUID(),
    appId,
    version,
    createdAt: new Date(),
    readers: new Set(),
    output: "",
    status: "pending",
    releaseId: undefined,
    message: undefined,
  };
}

function present(build: Build, publicUrl: string): unknown {
  return {
    id: build.id,
    created_at: `${build.createdAt.toISOString().slice(0, 19)}Z`,
    source_blob: { version: build.version },
    status: build.status,
    output_stream_url: `${publicUrl}/_logs/output/${build.id}?signature=capability`,
    release: build.releaseId === undefined ? null : { id: build.releaseId },
    failure_message: build.message,
  };
}

function inHand(build: Build, appName: string, source: Buffer): BuildInHand {
  const end = (status: "succeeded" | "failed") => {
    build.status = status;
    for (const reader of build.readers) reader.end();
  };
  return {
    id: build.id,
    appName,
    version: build.version,
    source,
    write(text) {
      build.output += text;
      for (const reader of build.readers) reader.write(text);
    },
    breakOutput() {
      for (const reader of build.readers) reader.destroy();
      build.readers.clear();
    },
    succeed(releaseId = randomUUID()) {
      build.releaseId = releaseId;
      end("succeeded");
    },
    fail(message) {
      build.message = message;
      end("failed");
    },
  };
}

function followOutput(build: Build | undefined, response: http.ServerResponse): void {
  if (build === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  if (build.output !== "") response.write(build.output);
  if (build.status !== "pending") response.end();
  else build.readers.add(response);
}
