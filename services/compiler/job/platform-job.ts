import { once } from "node:events";
import { createReadStream } from "node:fs";
import http from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fetchExternalSource } from "./external-source.ts";
import { parseInstructions, parseReleased } from "./instructions.ts";
import type { Job } from "./job.ts";

const documentBytesMax = 4 * 1024 * 1024;

/**
 * The API's side of the build protocol over HTTP (docs/architecture.md). It is reached through the ingress alone.
 * @param silenceMaxMs after which a request that moves nothing is given up.
 */
export function createPlatformJob(options: {
  url: string;
  token: string;
  silenceMaxMs?: number;
  /** Proxies for a source that lies elsewhere. */
  trust?: Readonly<Record<string, string>>;
}): Job {
  const { silenceMaxMs = 120_000 } = options;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const request = (method: string, path: string, headers: http.OutgoingHttpHeaders = {}) => {
    const outgoing = http.request(`${options.url}${path}`, {
      agent,
      method,
      headers: { authorization: `Bearer ${options.token}`, ...headers },
    });
    outgoing.setTimeout(silenceMaxMs, () => outgoing.destroy(new Error(`no answer within ${silenceMaxMs / 1000} s`)));
    return outgoing;
  };
  const ask = async (method: string, path: string, document?: unknown) => {
    const body = document === undefined ? undefined : JSON.stringify(document);
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(method, path, headers);
    const answered = once(outgoing, "response") as Promise<[http.IncomingMessage]>;
    outgoing.end(body);
    const [response] = await answered;
    return response;
  };
  const postResult = async (document: Record<string, unknown>) => {
    const response = await ask("POST", "/result", document);
    const answer = await readBody(response);
    if (response.statusCode !== 200) throw unexpected("hand in the result", response, answer);
    return answer;
  };

  return {
    async instructions() {
      const response = await ask("GET", "");
      const body = await readBody(response);
      if (response.statusCode !== 200) throw unexpected("get the instructions", response, body);
      return parseInstructions(JSON.parse(body));
    },
    async source() {
      const response = await ask("GET", "/source");
      const elsewhere = response.headers.location;
      if (response.statusCode === 302 && elsewhere !== undefined) {
        response.resume();
        return complete(await fetchExternalSource(elsewhere, { silenceMaxMs, proxies: options.trust ?? {} }));
      }
      if (response.statusCode !== 200) throw unexpected("get the source", response, await readBody(response));
      return complete(response);
    },
    async store(image, kind, path) {
      const place = `/blobs/${image.digest}?kind=${kind}`;
      const present = await ask("HEAD", place);
      present.resume();
      if (present.statusCode === 200) return;
      if (present.statusCode !== 404) throw unexpected("ask for a blob", present, "");
      const outgoing = request("PUT", place, {
        "content-type": "application/octet-stream",
        "content-length": image.bytes,
      });
      const answered = once(outgoing, "response") as Promise<[http.IncomingMessage]>;
      answered.catch(() => {});
      await pipeline(createReadStream(path, { highWaterMark: 512 * 1024 }), outgoing);
      const [response] = await answered;
      const answer = await readBody(response);
      if (response.statusCode !== 201) throw unexpected("store a blob", response, answer);
    },
    async succeed(result) {
      const answer = await postResult({
        status: "succeeded",
        layers: result.layers,
        cache: result.cache ?? null,
        process_types: result.processTypes,
        buildpack: result.buildpack,
        notes: result.notes,
      });
      return parseReleased(JSON.parse(answer));
    },
    async fail(message) {
      await postResult({ status: "failed", message });
    },
  };
}

/** A connection that breaks must not look like the end of a source. */
async function* complete(response: http.IncomingMessage): AsyncIterable<Buffer> {
  for await (const chunk of response as Readable) yield chunk as Buffer;
  if (!response.complete) throw new Error("Cannot get the source: the connection broke");
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as Readable) {
    bytes += (chunk as Buffer).length;
    if (bytes > documentBytesMax) throw new Error("Cannot understand the API: its answer is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function unexpected(what: string, response: http.IncomingMessage, body: string): Error {
  return new Error(`Cannot ${what}: the API answered ${response.statusCode} ${body.slice(0, 500)}`.trim());
}
