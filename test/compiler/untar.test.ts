import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CompileFail } from "../../services/compiler/compile-fail.ts";
import { untar } from "../../services/compiler/source/untar.ts";
import { type Entry, inPieces, tarArchive } from "./tar-archive.ts";

let outside: string;
let folder: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "quine-untar-"));
  folder = join(outside, "build");
  mkdirSync(folder);
});
afterEach(() => rmSync(outside, { recursive: true, force: true }));

const unpack = (entries: readonly Entry[]) => untar(inPieces(tarArchive(entries), 1000), folder);

describe("untar", () => {
  test.each([["ustar"], ["pax"], ["gnu"]])(
    "unpacks what tar writes in the format %s, in pieces of any size",
    async (format) => {
      const source = join(outside, "source");
      const long = `${"a".repeat(90)}/${"b".repeat(60)}`;
      mkdirSync(join(source, long), { recursive: true });
      writeFileSync(join(source, long, "file.txt"), "deep");
      writeFileSync(join(source, "run.sh"), "#!/bin/sh\n");
      execFileSync("chmod", ["700", join(source, "run.sh")]);
      writeFileSync(join(source, "bytes"), Buffer.alloc(3000, 7));
      symlinkSync("../anywhere", join(source, "link"));
      const archive = execFileSync("tar", ["-C", source, `--format=${format}`, "-cf", "-", "."]);
      await untar(inPieces(archive, 777), folder);
      expect(readFileSync(join(folder, long, "file.txt"), "utf8")).toBe("deep");
      expect(readFileSync(join(folder, "bytes"))).toEqual(Buffer.alloc(3000, 7));
      expect(statSync(join(folder, "run.sh")).mode & 0o111).not.toBe(0);
      expect(statSync(join(folder, "bytes")).mode & 0o111).toBe(0);
      expect(readlinkSync(join(folder, "link"))).toBe("../anywhere");
    },
  );

  test("leaves out Git's files and the platform's declarations", async () => {
    await unpack([
      { path: ".git/config", content: "x" },
      { path: "lib/.git", content: "gitdir: elsewhere" },
      { path: ".gitmodules", content: "x" },
      { path: ".quine/deps/node.json", content: "{}" },
      { path: "lib/kept", content: "x" },
    ]);
    expect(readdirSync(folder)).toEqual(["lib"]);
    expect(readdirSync(join(folder, "lib"))).toEqual(["kept"]);
  });

  test.each<[string, Entry[]]>([
    ["an absolute path", [{ path: "/etc/evil", content: "x" }]],
    ["a path that climbs", [{ path: "a/../../evil", content: "x" }]],
    [
      "a write through a link to a directory",
      [
        { path: "out", type: "2", link: ".." },
        { path: "out/evil", content: "x" },
      ],
    ],
    [
      "a directory through a link",
      [
        { path: "out", type: "2", link: ".." },
        { path: "out/evil/", type: "5" },
      ],
    ],
    ["a hard link", [{ path: "evil", type: "1", link: "../secret" }]],
    ["a character device", [{ path: "evil", type: "3" }]],
    ["a block device", [{ path: "evil", type: "4" }]],
    ["a fifo", [{ path: "evil", type: "6" }]],
    [
      "a file where a directory is",
      [
        { path: "a/b", content: "x" },
        { path: "a", content: "x" },
      ],
    ],
  ])("refuses %s", async (_, entries) => {
    writeFileSync(join(outside, "secret"), "secret");
    await expect(unpack(entries)).rejects.toThrow(CompileFail);
    expect(readdirSync(outside).sort()).toEqual(["build", "secret"]);
  });

  test("replaces a link by a file of its name without following it", async () => {
    writeFileSync(join(outside, "secret"), "secret");
    await unpack([
      { path: "evil", type: "2", link: "../secret" },
      { path: "evil", content: "changed" },
    ]);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
    expect(readFileSync(join(folder, "evil"), "utf8")).toBe("changed");
  });

  test("says so when it is no archive, or half of one", async () => {
    await expect(untar(inPieces(Buffer.alloc(2000, 65), 512), folder)).rejects.toThrow(/not a tar archive/);
    const whole = tarArchive([{ path: "a", content: "x".repeat(2000) }]);
    await expect(untar(inPieces(whole.subarray(0, 1500), 512), folder)).rejects.toThrow(/ends in the middle/);
  });

  test("a damaged archive ends in a CompileFail or in files below the folder, nothing else", async () => {
    const honest = tarArchive([
      { path: "a/b", content: "hello" },
      { path: "link", type: "2", link: "a" },
      { path: "x", type: "x", content: "30 path=some/where/else.txt\n" },
      { path: "c", content: "c".repeat(600) },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { maxLength: 8 }),
        async (changes) => {
          rmSync(folder, { recursive: true });
          mkdirSync(folder);
          const archive = Buffer.from(honest);
          for (const [offset, byte] of changes) archive[offset] = byte;
          await untar(inPieces(archive, 700), folder).catch((thrown: unknown) =>
            expect(thrown).toBeInstanceOf(CompileFail),
          );
          expect(readdirSync(outside)).toEqual(["build"]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
