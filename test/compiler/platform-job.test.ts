import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CompileFail } from "../../services/compiler/compile-fail.ts";
import { parseInstructions } from "../../services/compiler/job/instructions.ts";
import { createPlatformJob } from "../../services/compiler/job/platform-job.ts";
import { type BuildApi, serveBuild } from "./build-api.ts";

const digest = `sha256:${"1".repeat(64)}`;
const instructions = {
  id: "b1",
  app: { id: "a1", name: "hello" },
  stack: "debian-12",
  source_version: null,
  buildpacks: [],
  env: { A: "1", EMPTY: "" },
  deps: [{ digest, bytes: 5, kind: "deps" }],
  cache: null,
  slug_bytes_max: 1000,
};

let folder: string;
let api: BuildApi;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "quine-job-"));
  api = await serveBuild({ instructions, source: Buffer.from("the source"), folder });
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a build is told, fed, stored and handed in", async () => {
  const job = createPlatformJob({ url: api.url, token: api.token });
  const told = await job.instructions();
  expect(told).toMatchObject({
    id: "b1",
    appName: "hello",
    sourceVersion: undefined,
    cache: undefined,
    slugBytesMax: 1000,
  });
  expect(told.env).toEqual({ A: "1", EMPTY: "" });

  const chunks: Buffer[] = [];
  for await (const chunk of await job.source()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("the source");

  const bytes = Buffer.alloc(3_000_000, 9);
  const image = { digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`, bytes: bytes.length };
  writeFileSync(join(folder, "image"), bytes);
  await job.store(image, "slug", join(folder, "image"));
  await job.store(image, "slug", join(folder, "image"));
  expect(api.stored).toEqual([image.digest]);
  expect(readFileSync(join(folder, `${image.digest.slice(7)}.sqfs`))).toEqual(bytes);

  const released = await job.succeed({
    layers: [],
    cache: undefined,
    processTypes: { web: "x" },
    buildpack: "Node.js",
    notes: ["n"],
  });
  expect(released).toEqual({ version: 3, webUrl: "http://hello.localhost:8080/", isPromotion: false });
  expect(api.results).toEqual([
    { status: "succeeded", layers: [], cache: null, process_types: { web: "x" }, buildpack: "Node.js", notes: ["n"] },
  ]);
  await expect(job.fail("too late")).rejects.toThrow(/409/);
});

test("a token that is not good any more is a fault of the platform, and is not in the message", async () => {
  const job = createPlatformJob({ url: api.url, token: "an-old-token" });
  const thrown = await job.instructions().catch((error: Error) => error);
  expect(String(thrown)).toMatch(/401/);
  expect(String(thrown)).not.toContain("an-old-token");
});

test("a source that lies elsewhere is fetched through its redirections, and the token stays here", async () => {
  const seen: (string | undefined)[] = [];
  const stranger = http.createServer((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url === "/gone") response.writeHead(404).end();
    else if (request.url === "/tarball") response.writeHead(301, { location: "/real" }).end();
    else if (request.url === "/loop") response.writeHead(302, { location: "/loop" }).end();
    else response.end("from elsewhere");
  });
  stranger.listen(0, "127.0.0.1");
  await once(stranger, "listening");
  const { port } = stranger.address() as AddressInfo;
  const fetchFrom = async (sourceElsewhere: string) => {
    const other = await serveBuild({ instructions, source: Buffer.alloc(0), folder, sourceElsewhere });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of await createPlatformJob({ url: other.url, token: other.token }).source())
        chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    } finally {
      await other.close();
    }
  };
  expect(await fetchFrom(`http://127.0.0.1:${port}/tarball`)).toBe("from elsewhere");
  expect(seen).toEqual([undefined, undefined]);
  await expect(fetchFrom(`http://127.0.0.1:${port}/gone`)).rejects.toThrow(CompileFail);
  await expect(fetchFrom(`http://127.0.0.1:${port}/loop`)).rejects.toThrow(/more than 5 redirections/);
  await expect(fetchFrom("file:///etc/passwd")).rejects.toThrow(/not one of http or https/);
  stranger.close();
  stranger.closeAllConnections();
});

test.each<[string, unknown]>([
  ["nothing", null],
  ["no app", { ...instructions, app: undefined }],
  ["a digest that is none", { ...instructions, deps: [{ digest: "sha256:../..", bytes: 5, kind: "deps" }] }],
  ["a layer of the app among the dependencies", { ...instructions, deps: [{ digest, bytes: 5, kind: "app" }] }],
  ["a config var that is no text", { ...instructions, env: { A: 1 } }],
  ["a negative limit", { ...instructions, slug_bytes_max: -1 }],
])("refuses instructions with %s", (_, document) => {
  expect(() => parseInstructions(document)).toThrow(/is not what the build protocol says/);
});
