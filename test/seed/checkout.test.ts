import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCheckout } from "../../services/seed/checkout.ts";
import { createGit } from "../../services/seed/git.ts";

let folder: string;
let root: string;
const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent" };
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=A", "-c", "user.email=a@b", ...args], {
    cwd: root,
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/quine-checkout-`);
  root = `${folder}/repository`;
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", root]);
  writeFileSync(`${root}/kept`, "one");
  writeFileSync(`${root}/.gitignore`, "ignored\n");
  git("add", "--all");
  git("commit", "--quiet", "--message=first");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkout = () => createCheckout(root, createGit({ ...env, GIT_DIR: "/somewhere/else" }));
const objects = () => git("count-objects", "-v").match(/^count: (\d+)/m)?.[1];

test("a clean checkout is its HEAD", async () => {
  const { commit } = await checkout().snapshot(`${folder}/objects`);
  expect(commit).toBe(git("rev-parse", "HEAD"));
});

test("a changed one becomes a commit aside, and the repository stays as it was", async () => {
  writeFileSync(`${root}/kept`, "two");
  writeFileSync(`${root}/new`, "three");
  writeFileSync(`${root}/ignored`, "four");
  writeFileSync(`${root}/staged`, "five");
  git("add", "staged");
  const before = {
    status: git("status", "--porcelain"),
    index: readFileSync(`${root}/.git/index`),
    objects: objects(),
    refs: git("for-each-ref"),
  };

  const one = checkout();
  const snapshot = await one.snapshot(`${folder}/objects`);
  expect((await one.snapshot(`${folder}/objects`)).commit).toBe(snapshot.commit);

  expect(git("status", "--porcelain")).toBe(before.status);
  expect(readFileSync(`${root}/.git/index`).equals(before.index)).toBe(true);
  expect(objects()).toBe(before.objects);
  expect(git("for-each-ref")).toBe(before.refs);

  await one.archive(snapshot, `${folder}/source.tar`);
  expect(
    execFileSync("tar", ["-tf", `${folder}/source.tar`], { encoding: "utf8" })
      .trim()
      .split("\n")
      .sort(),
  ).toEqual([".gitignore", "kept", "new", "staged"]);
  expect(execFileSync("tar", ["-xOf", `${folder}/source.tar`, "kept"], { encoding: "utf8" })).toBe("two");
});

test("a snapshot can be pushed, from a shallow clone, too", async () => {
  writeFileSync(`${root}/kept`, "two");
  git("commit", "--quiet", "--all", "--message=second");
  execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${root}`, `${folder}/shallow`]);
  execFileSync("git", ["init", "--quiet", "--bare", `${folder}/target`]);
  const run = createGit(env);
  for (const source of [root, `${folder}/shallow`]) {
    writeFileSync(`${source}/extra`, "x");
    const snapshot = await createCheckout(source, run).snapshot(`${folder}/objects-${source.length}`);
    await run(
      source,
      snapshot.env,
      "push",
      "--quiet",
      "--force",
      `${folder}/target`,
      `${snapshot.commit}:refs/heads/main`,
    );
    const files = execFileSync("git", ["-C", `${folder}/target`, "ls-tree", "--name-only", "main"], {
      encoding: "utf8",
    });
    expect(files.trim().split("\n")).toEqual([".gitignore", "extra", "kept"]);
  }
});

test("a folder without a repository is refused in words", async () => {
  await expect(createCheckout(folder, createGit(env)).snapshot(`${folder}/objects`)).rejects.toThrow(
    /is not a git checkout/,
  );
});
