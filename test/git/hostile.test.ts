import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commit, type GitWorld, git, startGitWorld, storedRefs, token, workTree } from "./world.ts";

let world: GitWorld;
let app: { id: string; name: string };
let count = 0;
beforeAll(async () => {
  world = await startGitWorld({ pushBytesMax: 200_000 });
}, 30_000);
afterAll(() => world.stop());
beforeEach(async () => {
  app = await world.addApp(`app-${++count}`);
  world.api.onBuild = (build) => build.succeed();
});

const at = (path: string) => `http://127.0.0.1:${world.service.port}${path}`;
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`any:${password}`).toString("base64")}` });
const listing = (name: string) => at(`/${name}.git/info/refs?service=git-receive-pack`);

test("without credentials there is a challenge, with wrong ones another, and nobody sees another's app", async () => {
  const none = await fetch(listing(app.name));
  expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="Quine"']);
  expect((await fetch(listing(app.name), { headers: basic("wrong") })).status).toBe(401);

  world.api.addApp("others", "token-of-another");
  const hidden = await fetch(listing("others"), { headers: basic(token) });
  expect([hidden.status, await hidden.text()]).toEqual([404, "Couldn't find that app.\n"]);
  const pushed = await git(await workTree(world, { a: "1" }), "push", world.remote("others"), "main");
  expect(pushed.output).toContain("Couldn't find that app.");
});

test("nothing but the three requests exists", async () => {
  for (const path of ["/", `/${app.name}.git/HEAD`, `/${app.name}.git/config`, `/${app.name}.git/objects/info/packs`])
    expect((await fetch(at(path), { headers: basic(token) })).status).toBe(404);
});

test("the pusher's token is in no log line, and in no environment or command line of git", async () => {
  const secret = `secret-${randomBytes(8).toString("hex")}`;
  const { name } = world.api.addApp("secretive", secret);
  const seen: string[] = [];
  world.api.onBuild = (build) => {
    const processes = spawnSync("sh", [
      "-c",
      "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'",
    ]);
    seen.push(...processes.stdout.toString().split("\n"));
    build.succeed();
  };
  // Given by a helper, so that the client's own processes do not hold it either.
  const folder = await workTree(world, { a: "1" });
  await writeFile(join(folder, ".netrc"), `machine 127.0.0.1 login any password ${secret}\n`);
  const pushed = await git(folder, "push", at(`/${name}.git`), "main");
  expect(pushed.status).toBe(0);
  expect(seen.some((line) => line.startsWith("QUINE_PUSH="))).toBe(true);
  expect(seen.filter((line) => line.includes(secret))).toEqual([]);
  expect(world.log.join("")).not.toContain(secret);
});

/** Objects that git itself refuses to make are made of their bytes. */
function object(folder: string, type: string, bytes: string | Buffer): string {
  const made = spawnSync("git", ["hash-object", "-w", "--literally", "--stdin", "-t", type], {
    cwd: folder,
    input: bytes,
  });
  return made.stdout.toString().trim();
}
function tree(folder: string, entries: [mode: string, name: string, sha: string][]): string {
  const parts = entries.flatMap(([mode, name, sha]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, "hex")]);
  return object(folder, "tree", Buffer.concat(parts));
}
function commitOf(folder: string, treeSha: string): string {
  const who = "A <a@example.com> 1700000000 +0000";
  return object(folder, "commit", `tree ${treeSha}\nauthor ${who}\ncommitter ${who}\n\nbad\n`);
}

test.each([
  ["a tree with .git in it", (folder: string, blob: string) => tree(folder, [["100644", ".git", blob]]), "hasDotgit"],
  ["a tree with .. in it", (folder: string, blob: string) => tree(folder, [["100644", "..", blob]]), "hasDotdot"],
  [
    "a .GIT that some disks take for .git",
    (folder: string, blob: string) => tree(folder, [["100644", ".GIT", blob]]),
    "hasDotgit",
  ],
  ["a path in a name", (folder: string, blob: string) => tree(folder, [["100644", "a/../../b", blob]]), "fullPathname"],
  [
    "a .gitmodules that is a link",
    (folder: string, blob: string) => tree(folder, [["120000", ".gitmodules", blob]]),
    "gitmodulesSymlink",
  ],
  [
    "a submodule whose URL is an option",
    (folder: string) =>
      tree(folder, [
        ["100644", ".gitmodules", object(folder, "blob", '[submodule "x"]\n\tpath = x\n\turl = -u./evil\n')],
      ]),
    "gitmodulesUrl",
  ],
  [
    "a submodule whose name leaves its folder",
    (folder: string) =>
      tree(folder, [
        ["100644", ".gitmodules", object(folder, "blob", '[submodule "../../x"]\n\tpath = x\n\turl = http://x/\n')],
      ]),
    "gitmodulesName",
  ],
])("%s is refused before anything is built", async (_name, make, complaint) => {
  let builds = 0;
  world.api.onBuild = () => {
    builds += 1;
  };
  const folder = await workTree(world, { a: "1" });
  const bad = commitOf(folder, make(folder, object(folder, "blob", "x")));
  const pushed = await git(folder, "push", world.remote(app.name), `${bad}:refs/heads/main`);
  expect(pushed.output).toContain(complaint);
  expect(pushed.output).toContain("[remote rejected]");
  expect([pushed.status, builds, await storedRefs(world, app.id)]).toEqual([1, 0, {}]);
});

test("a branch that is no commit, and refs that are no branch or tag, are refused", async () => {
  const folder = await workTree(world, { a: "1" });
  const notes = await git(folder, "push", world.remote(app.name), "main:refs/notes/x");
  expect(notes.output).toContain("Only branches and tags can be pushed, not refs/notes/x");
  const blob = object(folder, "blob", "no commit");
  const wrong = await git(folder, "push", world.remote(app.name), `${blob}:refs/heads/topic`);
  expect(wrong.status).toBe(1);
  expect(await storedRefs(world, app.id)).toEqual({});
  expect((await git(folder, "push", world.remote(app.name), `${blob}:refs/tags/blob`)).status).toBe(0);
});

test("a push of a shallow clone is refused", async () => {
  const folder = await workTree(world, { a: "1" });
  await commit(folder, { a: "2" });
  await git(world.folder, "clone", "-q", "--depth=1", `file://${folder}`, `shallow-${count}`);
  const pushed = await git(join(world.folder, `shallow-${count}`), "push", world.remote(app.name), "main");
  expect(pushed.output).toContain("shallow update not allowed");
  expect([pushed.status, await storedRefs(world, app.id)]).toEqual([1, {}]);
});

test("a push that is too large is refused with the limit, and leaves nothing in the cache", async () => {
  const folder = await workTree(world, { big: randomBytes(400_000).toString("hex") });
  const pushed = await git(folder, "push", world.remote(app.name), "main");
  expect(pushed.output).toContain("pack exceeds maximum allowed size");
  expect([pushed.status, await storedRefs(world, app.id)]).toEqual([1, {}]);
  const [run = ""] = await readdir(world.settings.repositoriesDir);
  const objects = await readdir(join(world.settings.repositoriesDir, run, "repositories", `${app.id}.git`, "objects"));
  expect(objects.filter((name) => name.startsWith("tmp"))).toEqual([]);
});

test("a body that says it is too large is refused before it is sent", async () => {
  const request = http.request(at(`/${app.name}.git/git-receive-pack`), {
    method: "POST",
    headers: { ...basic(token), "content-length": 1e9 },
  });
  request.on("error", () => {});
  request.flushHeaders();
  const [answer] = (await once(request, "response")) as [http.IncomingMessage];
  expect([answer.statusCode, await text(answer)]).toEqual([413, "The push is larger than 0 MB: push less at a time\n"]);
  request.destroy();
});

test("a build's output cannot move the pusher's cursor or pass for a verdict", async () => {
  world.api.onBuild = (build) => {
    build.write("\x1b[2J\x1b]0;owned\x07\x1b[32m-----> green\x1b[0m\nHTTP/1.1 200 OK\r\n\r\nok\n");
    build.fail("no");
  };
  const pushed = await git(await workTree(world, { a: "1" }), "push", world.remote(app.name), "main");
  expect(pushed.output).toContain("remote: \x1b[32m-----> green\x1b[0m");
  expect(pushed.output).not.toContain("owned");
  expect(pushed.status).toBe(1);
});

test("a body without a length, compressed or not, is streamed through", async () => {
  const folder = await workTree(world, { big: randomBytes(90_000).toString("hex") });
  const chunked = await git(folder, "-c", "http.postBuffer=4096", "push", world.remote(app.name), "main");
  expect(chunked.status).toBe(0);
  const listRefs = gzipSync("0014command=ls-refs\n0000");
  for (const body of [listRefs, new Blob([listRefs]).stream()]) {
    const answer = await fetch(at(`/${app.name}.git/git-upload-pack`), {
      method: "POST",
      headers: {
        ...basic(token),
        "content-type": "application/x-git-upload-pack-request",
        "content-encoding": "gzip",
        "git-protocol": "version=2",
      },
      body,
      duplex: "half",
    });
    expect(await answer.text()).toContain("refs/heads/main");
  }
  for (const version of ["0", "2"]) {
    const name = `clone-${version}-${count}`;
    const cloned = await git(
      world.folder,
      "-c",
      `protocol.version=${version}`,
      "clone",
      "-q",
      world.remote(app.name),
      name,
    );
    expect(cloned).toEqual({ status: 0, output: "" });
  }
});
