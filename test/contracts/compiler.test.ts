import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { appFolder, type CompileRun, compileInContainer, runInSlug } from "../compiler/compile-dyno.ts";

/** Every app of test/apps, compiled in a container of the stack image: what its pusher reads, and what is in its slug. */

const runs: CompileRun[] = [];
afterEach(() => {
  for (const run of runs.splice(0)) run.dispose();
});

async function compile(app: string, options: Parameters<typeof compileInContainer>[1] = {}): Promise<CompileRun> {
  const run = await compileInContainer(app.startsWith("/") ? app : appFolder(app), options);
  runs.push(run);
  return run;
}

const digests = (run: CompileRun) => run.slug?.layers.map(({ digest, kind }) => `${kind} ${digest}`);

describe("apps that compile", () => {
  test("node-hello, and the same slug from another order, other modes, other times and another umask", async () => {
    const first = await compile("node-hello");
    expect(first.text).toContain("-----> Using buildpack: heroku/nodejs\n-----> Node.js app detected\n");
    expect(first.text).toContain("-----> Discovering process types\n       Procfile declares types -> web\n");
    expect(first.text).toMatch(/-----> Compressing\.\.\.\n {7}Done: [\d.]+M\n$/);
    expect(first.slug).toMatchObject({ processTypes: { web: "node server.js" }, buildpack: "Node.js" });
    expect(first.slug?.layers.map(({ kind }) => kind)).toEqual(["deps", "deps", "app"]);
    expect(runInSlug(first, "echo $NODE_ENV; node --version; node -p 'require(`ms`)(60000)'; npm --version")).toMatch(
      /^production\nv24\.\d+\.\d+\n1m\n11\.\d+\.\d+\n$/,
    );

    const copy = mkdtempSync(join(tmpdir(), "quine-copy-"));
    for (const name of ["server.js", "Procfile", "package.json", "package-lock.json"])
      cpSync(join(appFolder("node-hello"), name), join(copy, name));
    execFileSync("chmod", ["-R", "u=rwX,go=rwX", copy]);
    execFileSync("chmod", ["755", copy]);
    execFileSync("touch", ["--date", "2001-01-01", join(copy, "server.js")]);
    const second = await compile(copy, { before: "umask 077;", tmpMegabytes: 2000 });
    rmSync(copy, { recursive: true });
    expect(digests(second)).toEqual(digests(first));
  }, 180_000);

  test("node-native: an addon compiled at the build loads in the dyno, and nothing that differs between builds is left", async () => {
    const [first, second] = [await compile("node-native"), await compile("node-native")];
    expect(first.text).toContain("Default types for buildpack -> web");
    expect(first.slug?.processTypes).toEqual({ web: "npm start" });
    expect(runInSlug(first, "node -p 'require(`./build/Release/answer.node`)()'; find build -type f")).toBe(
      "42\nbuild/Release/answer.node\n",
    );
    expect(digests(second)).toEqual(digests(first));
  }, 180_000);

  test("with-postbuild: its script runs in the place of build, then development dependencies go", async () => {
    const run = await compile("with-postbuild");
    expect(run.text).toContain("-----> Running heroku-postbuild\n");
    expect(run.text).not.toContain("stands in my place");
    expect(runInSlug(run, "cat dist/page.txt; ls node_modules")).toBe(
      "Made with semver: 1.2.3 becomes 1.3.0. Config var: none\nms\n",
    );
  }, 120_000);

  test("apt-hello: a Debian package's program is on the dyno's PATH", async () => {
    const run = await compile("apt-hello");
    expect(run.text).toContain("       1. heroku-community/apt\n       2. heroku/nodejs\n");
    expect(runInSlug(run, "command -v hello; hello")).toBe("/app/.apt/usr/bin/hello\nHello, world!\n");
  }, 180_000);
});

describe("a buildpack from elsewhere", () => {
  test("is fetched, sees what the buildpack API promises and no token, and its release file counts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "quine-buildpack-"));
    const program = (name: string, text: string) =>
      writeFileSync(join(folder, "bin", name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    mkdirSync(join(folder, "bin"));
    program("detect", "echo Plain");
    program(
      "compile",
      'echo "       $STACK $HOME $(pwd) $# $(<"$3/GREETING") [$GREETING]"; env | grep -c BUILD_ || true; echo made > "$1/made"; mkdir "$1/.profile.d"; echo "export A=b" > "$1/.profile.d/a.sh"',
    );
    program("release", "printf -- '---\\ndefault_process_types:\\n  web: ./serve\\n'");
    const archive = execFileSync("tar", ["-C", folder, "-czf", "-", "bin"]);
    rmSync(folder, { recursive: true });
    const server = http.createServer((_, response) => response.end(archive));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/plain.tgz`;
    const run = await compile("no-language", {
      env: { BUILDPACK_URL: url, GREETING: "hello" },
      docker: ["--network", "host"],
    });
    server.close();
    expect(run.text).toContain(
      `-----> Using buildpack: ${url}\n-----> Plain app detected\n       debian-12 /app /tmp/build 3 hello []\n0\n`,
    );
    expect(run.slug).toMatchObject({ processTypes: { web: "./serve" }, buildpack: "Plain" });
    expect(run.slug?.layers.map(({ kind }) => kind)).toEqual(["app"]);
    expect(runInSlug(run, "echo $A; ls")).toBe("b\nREADME.md\nmade\n");
  }, 60_000);
});

describe("apps that do not", () => {
  test.each([
    ["no-language", /^ ! {5}No default language could be detected for this app\.\n ! {5}The root/m],
    [
      "broken-package-json",
      / ! {5}package\.json is not valid JSON: .*line 4, column 11\n(.*\n)* ! {5}Push rejected, failed to compile Node\.js app\.\n/,
    ],
    ["bad-procfile", / ! {5}Procfile line 3 is not `type: command`: "node worker\.js"\n/],
    [
      "failing-build",
      / {7}this build is bound to fail\n ! {5}The script "build" of package\.json failed\.\n ! {5}Push rejected, failed to compile Node\.js app\.\n/,
    ],
  ])(
    "%s",
    async (app, words) => {
      const run = await compile(app);
      expect(run.text).toMatch(words);
      expect(run.status).toBe(1);
      expect(run.slug).toBeUndefined();
    },
    120_000,
  );

  test("disk-filler: the full disk is named, with its size", async () => {
    const run = await compile("disk-filler", { tmpMegabytes: 400 });
    expect(run.text).toContain(" !     The build filled its disk (400M)\n");
    expect(run.status).toBe(1);
  }, 120_000);

  test("fork-bomb: the limit of processes is named, and the build ends with all that it started", async () => {
    const run = await compile("fork-bomb", { pidsMax: 100 });
    expect(run.text).toContain(" !     The build ran out of processes");
    expect(run.status).toBe(1);
  }, 120_000);

  test("hanging-build: asked to stop, the compiler ends though the build does not listen", async () => {
    let asked = false;
    const run = await compile("hanging-build", {
      said(text, container) {
        if (asked || !text.includes("       hanging now\n")) return;
        asked = true;
        execFileSync("docker", ["kill", "--signal", "TERM", container]);
      },
    });
    expect(asked).toBe(true);
    expect(run.status).toBe(143);
    expect(run.slug).toBeUndefined();
  }, 120_000);
});
