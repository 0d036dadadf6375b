import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { placeSource } from "../../services/compiler/source/place-source.ts";
import { applySlugignore, parseSlugignore } from "../../services/compiler/source/slugignore.ts";
import { type Entry, inPieces, tarArchive } from "./tar-archive.ts";

let build: string;
beforeEach(() => {
  build = mkdtempSync(join(tmpdir(), "quine-source-"));
});
afterEach(() => rmSync(build, { recursive: true, force: true }));

const app: Entry[] = [
  { path: "package.json", content: "{}" },
  { path: "server.js", content: "" },
];
const kept = ["node_modules", ".heroku/node"];

function layDependencies(): void {
  for (const path of [...kept, ".quine/deps"]) mkdirSync(join(build, path), { recursive: true });
  writeFileSync(join(build, "node_modules", "old"), "");
}

describe("placeSource", () => {
  test("keeps the dependencies that lie there when the source leaves their places alone", async () => {
    layDependencies();
    expect(await placeSource(inPieces(tarArchive(app), 999), build, kept)).toEqual(kept);
    expect(readdirSync(build).sort()).toEqual([".heroku", ".quine", "node_modules", "package.json", "server.js"]);
    expect(existsSync(join(build, "node_modules/old"))).toBe(true);
  });

  test.each<[string, Entry]>([
    ["files inside", { path: "node_modules/own/index.js", content: "" }],
    ["a link in the place", { path: "node_modules", type: "2", link: "/tmp" }],
    ["a file above the place", { path: ".heroku", content: "" }],
  ])("drops them when the source brings %s", async (_, entry) => {
    layDependencies();
    expect(await placeSource(inPieces(tarArchive([...app, entry]), 999), build, kept)).toEqual([]);
    expect(existsSync(join(build, "node_modules/old"))).toBe(false);
    expect(existsSync(join(build, ".quine"))).toBe(false);
  });

  test("unzips, and says so when the zip is damaged", async () => {
    const zipped = gzipSync(tarArchive(app));
    await placeSource(inPieces(zipped, 10), build, []);
    expect(readdirSync(build).sort()).toEqual(["package.json", "server.js"]);
    const damaged = zipped.subarray(0, zipped.length - 12);
    await expect(placeSource(inPieces(damaged, 10), build, [])).rejects.toThrow(/damaged|middle/);
  });

  test("lifts up what lies in one directory, as forges pack it", async () => {
    const entries = app.map((entry) => ({ ...entry, path: `owner-repo-1a2b/${entry.path}` }));
    await placeSource(
      inPieces(tarArchive([...entries, { path: "owner-repo-1a2b/owner-repo-1a2b/x", content: "x" }]), 999),
      build,
      [],
    );
    expect(readdirSync(build).sort()).toEqual(["owner-repo-1a2b", "package.json", "server.js"]);
  });

  test("reads an archive of git", async () => {
    const source = join(build, "..", `${build.split("/").at(-1)}-git`);
    mkdirSync(source);
    const git = (...words: string[]) =>
      execFileSync("git", ["-C", source, "-c", "user.name=t", "-c", "user.email=t@example.com", ...words]);
    git("init", "--quiet");
    writeFileSync(join(source, "Procfile"), "web: x\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "first");
    await placeSource(inPieces(git("archive", "--format=tar.gz", "HEAD"), 999), build, []);
    rmSync(source, { recursive: true });
    expect(readFileSync(join(build, "Procfile"), "utf8")).toBe("web: x\n");
  });
});

describe("slugignore", () => {
  test.each([
    ["*.log", ["a.log", "x/y/b.log"], ["a.logs", "log"]],
    ["/docs", ["docs"], ["x/docs", "docs2"]],
    ["docs/", ["docs", "x/docs"], ["docsx"]],
    ["/spec/**/*.rb", ["spec/a.rb", "spec/x/y.rb"], ["lib/spec/a.rb"]],
    ["file.{psd,ai}", ["file.psd", "a/file.ai"], ["file.txt"]],
    ["[ab]?", ["a1", "b2"], ["c1", "a12"]],
    ["a.b", ["a.b"], ["axb"]],
    ["# a comment", [], ["# a comment"]],
  ])("%s", (pattern, yes, no) => {
    const isIgnored = (path: string) => parseSlugignore(pattern).some((expression) => expression.test(path));
    expect(yes.filter((path) => !isIgnored(path))).toEqual([]);
    expect(no.filter(isIgnored)).toEqual([]);
  });

  test("removes what it names, but not dependencies that are kept", () => {
    layDependencies();
    mkdirSync(join(build, "test", "deep"), { recursive: true });
    writeFileSync(join(build, "test/deep/old"), "");
    writeFileSync(join(build, "keep"), "");
    writeFileSync(join(build, ".slugignore"), "old\nnode_modules\n.slugignore\n");
    expect(applySlugignore(build, kept)).toBe(2);
    expect(existsSync(join(build, "node_modules/old"))).toBe(true);
    expect(readdirSync(join(build, "test/deep"))).toEqual([]);
  });
});
