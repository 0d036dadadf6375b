import { expect, test } from "vitest";
import { api, ask, done, eventually, ownerToken, quine } from "../worlds/platform.ts";

interface Release {
  readonly version: number;
  readonly slug: { readonly id: string } | null;
  readonly description: string;
}

/** The newest release of an app of the platform, and the digest of its slug. */
async function newest(app: string): Promise<{ version: number; digest: string; commit: string }> {
  const releases = (await api<Release[]>("GET", `/apps/${app}/releases`)).value.toSorted(
    (a, b) => b.version - a.version,
  );
  const slug = releases[0]?.slug;
  const found = (await api<{ checksum: string; commit: string }>("GET", `/apps/${app}/slugs/${slug?.id}`)).value;
  return { version: releases[0]?.version ?? 0, digest: found.checksum, commit: found.commit };
}

const parts = ["compiler", "logs", "git", "api", "router", "registry", "postgres", "runtime"];

test("the platform that built itself builds itself again, from nothing, to the same bytes", async () => {
  // `up` has pushed this repository to the app `quine`: the slug is B, built by the platform that ran on the seed's A.
  const b = await newest("quine");
  for (const part of parts) expect((await newest(part)).digest, part).toBe(b.digest);

  // C: the same source, built by the platform that runs on B, without anything kept from the former build.
  expect((await api("DELETE", "/apps/quine/build-cache")).status).toBeLessThan(300);
  const source = (await api<{ source_blob: { put_url: string; get_url: string } }>("POST", "/apps/quine/sources")).value
    .source_blob;
  await done("bash", [
    "-c",
    'set -o pipefail; git archive "$1" | curl -sf --upload-file - "$2"',
    "upload",
    b.commit,
    source.put_url,
  ]);
  const build = await api<{ id: string; output_stream_url: string }>("POST", "/apps/quine/builds", {
    source_blob: { url: source.get_url, version: b.commit },
  });
  expect(build.status).toBe(201);
  const stream = new URL(build.value.output_stream_url);
  const output = (await ask("localhost", `${stream.pathname}${stream.search}`)).body;
  expect(output).toMatch(/Installing Node\.js/);
  expect(output).toMatch(/npm ci/);
  expect(output).not.toMatch(/have not changed/);
  const ended = await eventually(
    "build C",
    async () =>
      (await api<{ status: string; failure_message?: string }>("GET", `/apps/quine/builds/${build.value.id}`)).value,
    ({ status }) => status !== "pending",
    600_000,
  );
  expect(ended.status, ended.failure_message).toBe("succeeded");
  const c = await newest("quine");
  expect(c.version).toBeGreaterThan(b.version);
  expect(c.digest).toBe(b.digest);

  await eventually(
    "every part to run C",
    async () => Promise.all(parts.map(async (part) => (await newest(part)).digest)),
    (digests) => digests.every((digest) => digest === c.digest),
    300_000,
  );
  await eventually(
    "all of it to be up",
    () => quine("status"),
    ({ status }) => status === 0,
    120_000,
  );
  expect((await ask("node-hello.localhost")).status).toBe(200);
  expect(await ownerToken()).not.toBe("");
});
