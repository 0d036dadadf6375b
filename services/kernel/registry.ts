import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import http from "node:http";
import { Readable, Transform } from "node:stream";
import { Problem } from "./problem.ts";
import { manifestMediaType } from "./slug.ts";

/**
 * The OCI distribution API of the `registry` app (Debian's docker-registry), as far as the platform uses it: blobs by digest,
 * manifests by tag or digest. Repository names: `slugs/<app id>`, `sources/<app id>`, `caches/<app id>`, `packs/<app id>`.
 * https://github.com/opencontainers/distribution-spec
 */
export interface Registry {
  hasBlob(repository: string, digest: string): Promise<boolean>;
  /** @returns the blob's size in bytes, or undefined when the repository has no such blob. */
  blobBytes(repository: string, digest: string): Promise<number | undefined>;
  /** Streams a blob in; the registry refuses bytes that don't match the digest. @throws Problem invalid_params on a mismatch. */
  putBlob(repository: string, digest: string, bytes: number, body: Readable | Uint8Array): Promise<void>;
  putBlobFile(repository: string, digest: string, path: string): Promise<void>;
  /** Streams a blob in whose digest is not known before its last byte. A body that breaks off stores nothing. */
  putBlobStream(repository: string, body: Readable): Promise<{ digest: string; bytes: number }>;
  /** @throws Problem not_found. */
  getBlob(repository: string, digest: string): Promise<Readable>;
  putManifest(repository: string, reference: string, manifest: string): Promise<void>;
  /** @throws Problem not_found. */
  getManifest(repository: string, reference: string): Promise<string>;
}

export function createRegistry(baseUrl: string): Registry {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8, timeout: 30_000 });
  const call = (
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders = {},
    body?: Readable | Uint8Array | string,
  ) => request(agent, new URL(path, baseUrl), method, headers, body);

  const registry: Registry = {
    async hasBlob(repository, digest) {
      const response = await call("HEAD", `/v2/${repository}/blobs/${digest}`);
      response.resume();
      return response.statusCode === 200;
    },
    async blobBytes(repository, digest) {
      const response = await call("HEAD", `/v2/${repository}/blobs/${digest}`);
      response.resume();
      const length = response.headers["content-length"];
      return response.statusCode === 200 && length !== undefined ? Number(length) : undefined;
    },
    async putBlob(repository, digest, bytes, body) {
      const begun = await call("POST", `/v2/${repository}/blobs/uploads/`, { "content-length": 0 });
      begun.resume();
      const location = begun.headers.location;
      if (begun.statusCode !== 202 || location === undefined) throw unexpected("begin an upload", begun.statusCode);
      const target = new URL(location, baseUrl);
      target.searchParams.set("digest", digest);
      const done = await call(
        "PUT",
        `${target.pathname}${target.search}`,
        { "content-type": "application/octet-stream", "content-length": bytes },
        body,
      );
      const answer = await text(done);
      if (done.statusCode === 400 && answer.includes("DIGEST_INVALID")) {
        throw new Problem("invalid_params", `Cannot store ${digest}: the bytes that arrived have another digest`);
      }
      if (done.statusCode !== 201) throw unexpected(`store ${digest}`, done.statusCode);
    },
    async putBlobFile(repository, digest, path) {
      if (await registry.hasBlob(repository, digest)) return;
      const { size } = await stat(path);
      await registry.putBlob(repository, digest, size, createReadStream(path));
    },
    async putBlobStream(repository, body) {
      const begun = await call("POST", `/v2/${repository}/blobs/uploads/`, { "content-length": 0 });
      begun.resume();
      const place = begun.headers.location;
      if (begun.statusCode !== 202 || place === undefined) throw unexpected("begin an upload", begun.statusCode);
      const hash = createHash("sha256");
      let bytes = 0;
      const counted = body.pipe(
        new Transform({
          transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            bytes += chunk.length;
            done(null, chunk);
          },
        }),
      );
      body.once("error", (error) => counted.destroy(error));
      const sent = await call("PATCH", place, { "content-type": "application/octet-stream" }, counted);
      sent.resume();
      const next = sent.headers.location;
      if (sent.statusCode !== 202 || next === undefined) throw unexpected("go on with an upload", sent.statusCode);
      const digest = `sha256:${hash.digest("hex")}`;
      const target = new URL(next, baseUrl);
      target.searchParams.set("digest", digest);
      const done = await call("PUT", `${target.pathname}${target.search}`, { "content-length": 0 });
      done.resume();
      if (done.statusCode !== 201) throw unexpected(`store ${digest}`, done.statusCode);
      return { digest, bytes };
    },
    async getBlob(repository, digest) {
      const response = await call("GET", `/v2/${repository}/blobs/${digest}`);
      if (response.statusCode === 200) return response;
      response.resume();
      if (response.statusCode === 404)
        throw new Problem("not_found", `Cannot fetch ${digest}: the registry has no such blob in ${repository}`);
      throw unexpected(`fetch ${digest}`, response.statusCode);
    },
    async putManifest(repository, reference, manifest) {
      const response = await call(
        "PUT",
        `/v2/${repository}/manifests/${reference}`,
        { "content-type": manifestMediaType, "content-length": Buffer.byteLength(manifest) },
        manifest,
      );
      response.resume();
      if (response.statusCode !== 201) throw unexpected(`store the manifest of ${repository}`, response.statusCode);
    },
    async getManifest(repository, reference) {
      const response = await call("GET", `/v2/${repository}/manifests/${reference}`, { accept: manifestMediaType });
      const body = await text(response);
      if (response.statusCode === 200) return body;
      if (response.statusCode === 404)
        throw new Problem("not_found", `The registry has no manifest ${reference} in ${repository}`);
      throw unexpected(`fetch the manifest of ${repository}`, response.statusCode);
    },
  };
  return registry;
}

async function request(
  agent: http.Agent,
  url: URL,
  method: string,
  headers: http.OutgoingHttpHeaders,
  body?: Readable | Uint8Array | string,
): Promise<http.IncomingMessage> {
  const outgoing = http.request(url, { agent, method, headers });
  outgoing.setTimeout(60_000, () => outgoing.destroy(new Error(`the registry did not answer ${method} within 60 s`)));
  const answered = once(outgoing, "response") as Promise<[http.IncomingMessage]>;
  answered.catch(() => {});
  if (body instanceof Readable) {
    body.on("error", (error) => outgoing.destroy(error));
    body.pipe(outgoing);
  } else outgoing.end(body);
  try {
    const [response] = await answered;
    return response;
  } catch (cause) {
    throw new Problem("service_unavailable", "The registry does not answer", { cause });
  }
}

async function text(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function unexpected(what: string, status: number | undefined): Error {
  return new Error(`Cannot ${what}: the registry answered ${status ?? "nothing"}`);
}
