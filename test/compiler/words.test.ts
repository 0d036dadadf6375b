import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildEnvironment } from "../../services/compiler/buildpack/build-environment.ts";
import { parseBuildpackUrl } from "../../services/compiler/buildpack/buildpack-url.ts";
import { CompileFail } from "../../services/compiler/compile-fail.ts";
import { readConfig } from "../../services/compiler/config.ts";
import { saysDiskIsFull } from "../../services/compiler/disk.ts";
import { formatBytes } from "../../services/compiler/output.ts";
import { saysProcessesRanOut } from "../../services/compiler/processes.ts";
import { parseReleaseFile } from "../../services/compiler/release-file.ts";
import { refuseLargeSlug } from "../../services/compiler/size-limit.ts";

describe("parseBuildpackUrl", () => {
  const nodejs = { kind: "bundled", name: "nodejs", label: "heroku/nodejs" };
  test.each([
    ["heroku/nodejs", nodejs],
    ["urn:buildpack:heroku/nodejs", nodejs],
    ["heroku-community/apt", { kind: "bundled", name: "apt", label: "heroku-community/apt" }],
    [
      "https://host.example/a/b.git#v1.2",
      {
        kind: "git",
        url: "https://host.example/a/b.git",
        reference: "v1.2",
        label: "https://host.example/a/b.git#v1.2",
      },
    ],
    [
      "https://user:secret@host.example/a/b",
      {
        kind: "git",
        url: "https://user:secret@host.example/a/b",
        reference: undefined,
        label: "https://host.example/a/b",
      },
    ],
    [
      "https://host.example/x.tgz?a=b",
      { kind: "archive", url: "https://host.example/x.tgz?a=b", label: "https://host.example/x.tgz?a=b" },
    ],
  ])("%s", (text, expected) => {
    expect(parseBuildpackUrl(text)).toEqual(expected);
  });
  test.each([
    "heroku/cobol",
    "/etc",
    "file:///etc/x.git",
    "git@host:a/b",
    "--upload-pack=x",
    "https://h/x.git#--evil",
    "ext::sh",
    "",
  ])("refuses %s", (text) => {
    expect(() => parseBuildpackUrl(text)).toThrow(/There is no buildpack/);
  });
  test("a refused address keeps its password to itself", () => {
    expect(() => parseBuildpackUrl("https://user:secret@host/x.git#-")).not.toThrow(/secret/);
  });
});

describe("parseReleaseFile", () => {
  test.each([
    ["---\n", {}],
    ["", {}],
    ["--- {}\n", {}],
    ["---\naddons:\n  - x\nconfig_vars:\n  A: b\n", {}],
    ["---\ndefault_process_types:\n  web: npm start\n  worker-2: node w\n", { web: "npm start", "worker-2": "node w" }],
    ['{"default_process_types":{"web":"x"}}', { web: "x" }],
  ])("%j", async (text, types) => {
    expect(await parseReleaseFile(text, "x/y")).toEqual(types);
  });
  test.each([
    "- a\n- b\n",
    "a: [",
    "default_process_types: [a]",
    "default_process_types: {web: 1}",
    "default_process_types: {'a b': c}",
  ])("refuses %j", async (text) => {
    await expect(parseReleaseFile(text, "x/y")).rejects.toThrow(CompileFail);
  });
});

describe("readConfig", () => {
  const folder = mkdtempSync(join(tmpdir(), "quine-npm-"));
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin", "npm-cli.js"), "");
  afterAll(() => rmSync(folder, { recursive: true }));
  const npm = ["--npm", folder];
  const platform = { BUILD_URL: "http://10.0.0.2:8080/_build/b1", BUILD_TOKEN: "t" };

  test("the platform's work comes from the environment, and of that only what leads to the world goes on", () => {
    const config = readConfig({ ...platform, HTTPS_PROXY: "http://p:1", DATABASE_URL: "postgres://" }, npm, "/n/node");
    expect(config.work).toEqual({ kind: "platform", url: platform.BUILD_URL, token: "t" });
    expect(config.trust).toEqual({ HTTPS_PROXY: "http://p:1" });
    expect(config.npmPath).toBe(join(folder, "bin", "npm-cli.js"));
  });
  test("the seed's comes from the command line", () => {
    const config = readConfig({}, [...npm, "--source", "/s.tar", "--output", "/o", "--env-dir", "/e"], "/n/node");
    expect(config.work).toEqual({ kind: "local", source: "/s.tar", output: "/o", envDir: "/e" });
  });
  test.each<[string, Record<string, string>, string[], RegExp]>([
    ["no token", { BUILD_URL: platform.BUILD_URL }, npm, /BUILD_TOKEN is not set/],
    ["an address that is none", { ...platform, BUILD_URL: "file:///etc" }, npm, /BUILD_URL must be an http address/],
    ["half a command line", {}, [...npm, "--source", "/s"], /--source and --output go together/],
    ["no npm", platform, ["--npm", "/nowhere"], /there is no npm/],
    ["a word it does not know", platform, ["--sources", "x"], /Unknown option/],
  ])("refuses %s", (_, values, commandLine, message) => {
    expect(() => readConfig(values, commandLine, "/n/node")).toThrow(message);
  });
});

test("the environment of buildpacks is written anew", () => {
  const environment = buildEnvironment({
    stack: "debian-12",
    buildId: "b1",
    sourceVersion: undefined,
    trust: { SSL_CERT_FILE: "/ca.crt" },
    nodePath: "/n",
    npmPath: "/npm",
    depsFolder: "/d",
    depsBeforeFolder: "/b",
  });
  expect(environment).toMatchObject({ STACK: "debian-12", REQUEST_ID: "b1", HOME: "/app", SSL_CERT_FILE: "/ca.crt" });
  expect(Object.keys(environment).filter((name) => /TOKEN|URL|KEY/.test(name))).toEqual([]);
  expect("SOURCE_VERSION" in environment).toBe(false);
});

test.each([
  [0, "0B"],
  [1023, "1023B"],
  [4096, "4K"],
  [34_708_000, "33.1M"],
  [3 * 1024 ** 3, "3G"],
])("formatBytes(%i)", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test("a slug that is too large is refused with both numbers", () => {
  expect(() => refuseLargeSlug(510.4 * 1024 ** 2, 500 * 1024 ** 2)).toThrow(
    "Compiled slug size: 510.4M is too large (max is 500M)",
  );
  expect(() => refuseLargeSlug(500 * 1024 ** 2, 500 * 1024 ** 2)).not.toThrow();
});

test.each([
  ["cat: write error: No space left on device", true, false],
  ["npm error code ENOSPC", true, false],
  ["bash: fork: retry: Resource temporarily unavailable", false, true],
  ["BlockingIOError: [Errno 11] Resource temporarily unavailable", false, true],
  ["Error: spawn /bin/sh EAGAIN", false, true],
  ["a test of mine failed", false, false],
])("%s", (text, disk, processes) => {
  expect([saysDiskIsFull(text), saysProcessesRanOut(text)]).toEqual([disk, processes]);
});
