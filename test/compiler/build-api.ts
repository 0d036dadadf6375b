import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** The API's side of the build protocol, as docs/architecture.md writes it: a real server that keeps blobs as files. */
export interface BuildApi {
  readonly url: string;
  readonly token: string;
  /** Digests that were sent, in order. */
  readonly stored: string[];
  readonly results: Record<string, unknown>[];
  close(): Promise<void>;
}

export async function serveBuild(options: {
  instructions: Record<string, unknown>;
  source: Uint8Array;
  folder: string;
  /** Digests that the registry has already. */
  present?: readonly string[];
  host?: string;
  /** Where the source lies instead. */
  sourceElsewhere?: string;
}): Promise<BuildApi> {
  const token = "a-build-token";
  const stored: string[] = [];
  const results: Record<string, unknown>[] = [];
  await mkdir(options.folder, { recursive: true });
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://api");
    const answer = (status: number, body?: unknown) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { message: "no such token" });
    const digest = /^\/_build\/b1\/blobs\/(sha256:[0-9a-f]{64})$/.exec(pathname)?.[1];
    if (request.method === "GET" && pathname === "/_build/b1") return answer(200, options.instructions);
    if (request.method === "GET" && pathname === "/_build/b1/source") {
      if (options.sourceElsewhere !== undefined) {
        response.writeHead(302, { location: options.sourceElsewhere });
        return response.end();
      }
      response.writeHead(200, { "content-length": options.source.length });
      return response.end(options.source);
    }
    if (request.method === "HEAD" && digest !== undefined)
      return answer(stored.includes(digest) || options.present?.includes(digest) === true ? 200 : 404);
    if (request.method === "PUT" && digest !== undefined) {
      await pipeline(request, createWriteStream(join(options.folder, `${digest.slice(7)}.sqfs`)));
      stored.push(digest);
      return answer(201);
    }
    if (request.method === "POST" && pathname === "/_build/b1/result") {
      let text = "";
      for await (const chunk of request) text += chunk;
      const result = JSON.parse(text) as Record<string, unknown>;
      if (results.length > 0) return answer(409, { message: "the build has its result" });
      results.push(result);
      return answer(
        200,
        result.status === "succeeded" ? { version: 3, web_url: "http://hello.localhost:8080/", promotion: false } : {},
      );
    }
    answer(404, { message: "no such path" });
  });
  server.listen(0, options.host ?? "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/_build/b1`,
    token,
    stored,
    results,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
