import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { createEngineApi } from "../../services/seed/engine-api.ts";

test.each([
  ["debian:12", "0"],
  ["debian:13", "1"],
])("a build from %s, by an engine that has debian:12 alone, pulls: %s", async (base, pull) => {
  const folder = mkdtempSync(`${tmpdir()}/quine-engine-`);
  const asked: string[] = [];
  const engine = createServer((request, response) => {
    asked.push(request.url ?? "");
    const isKnown = request.url === "/images/debian%3A12/json" || request.method === "POST";
    request.resume().on("end", () => response.writeHead(isKnown ? 200 : 404).end("{}"));
  });
  try {
    engine.listen(`${folder}/socket`);
    await once(engine, "listening");
    await createEngineApi(`${folder}/socket`).buildImage("stack:1", Readable.from(["tar"]), base, () => {});
    const build = new URL(asked.at(-1) ?? "", "http://engine").searchParams;
    expect(build.get("pull")).toBe(pull);
    expect(build.get("buildargs")).toBe(JSON.stringify({ BASE: base }));
  } finally {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
