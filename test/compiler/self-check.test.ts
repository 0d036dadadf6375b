import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkout } from "./compile-dyno.ts";

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "quine-check-"));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

/** As the platform runs it: nothing of a build in its environment. */
function selfCheck(nodeOptions: readonly string[] = [], folder = temporary) {
  const words = [...nodeOptions, join(checkout, "services/compiler/main.ts"), "--self-check"];
  const env = { PATH: process.env.PATH, TMPDIR: folder };
  return spawnSync(process.execPath, words, { env, encoding: "utf8" });
}

test("a compiler that works says so in one line, and leaves nothing", () => {
  const { status, stdout, stderr } = selfCheck();
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Self-check: Node\.js app of 1 layer, \d+ bytes\n$/);
  expect(readdirSync(temporary)).toEqual([]);
});

test("one that cannot work ends with status 1", () => {
  const { status, stdout, stderr } = selfCheck([], join(temporary, "missing"));
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^Self-check failed: .*ENOENT/);
});

test("one that throws while it is loaded ends with status 1", () => {
  mkdirSync(join(temporary, "broken"));
  const broken = join(temporary, "broken", "broken.mjs");
  writeFileSync(broken, 'throw new Error("broken on purpose");');
  chmodSync(broken, 0o644);
  const { status, stderr } = selfCheck(["--import", broken]);
  expect(status).toBe(1);
  expect(stderr).toContain("broken on purpose");
});
