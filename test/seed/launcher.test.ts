import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { spawn as spawnTerminal } from "node-pty";
import { afterEach, beforeEach, expect, test } from "vitest";

/** bin/quine in a checkout of its own, with an npm that makes what npm would. */
let folder: string;
let root: string;

const npm = `#!/usr/bin/env bash
echo run >>"$(dirname "$0")/npm-runs"
if [[ -e $(dirname "$0")/npm-fails ]]; then echo "npm says why"; exit 1; fi
root=$2
mkdir -p "$root/node_modules/.bin"
cp "$root/package-lock.json" "$root/node_modules/.package-lock.json"
printf '#!/usr/bin/env bash\\nprintf "%%s\\\\n" "\${@#"%s/"}"\\n' "$root" >"$root/node_modules/.bin/node"
chmod +x "$root/node_modules/.bin/node"
`;

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/quine-launcher-`);
  root = `${folder}/checkout`;
  for (const path of ["bin", "services/seed", "services/cli"]) mkdirSync(`${root}/${path}`, { recursive: true });
  mkdirSync(`${folder}/programs`);
  copyFileSync(new URL("../../bin/quine", import.meta.url), `${root}/bin/quine`);
  writeFileSync(`${root}/package.json`, "{}");
  writeFileSync(`${root}/package-lock.json`, "one");
  program("npm", npm);
  program("node", "#!/usr/bin/env bash\necho 20\n");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string) {
  writeFileSync(`${folder}/programs/${name}`, text);
  chmodSync(`${folder}/programs/${name}`, 0o755);
}

function quine(args: string[], options: { command?: string; cwd?: string; path?: string } = {}) {
  const path = options.path ?? `${folder}/programs:/usr/bin:/bin`;
  const { status, stdout, stderr } = spawnSync(options.command ?? `${root}/bin/quine`, args, {
    cwd: options.cwd ?? "/",
    encoding: "utf8",
    env: { PATH: path, TMPDIR: folder },
  });
  return { status, words: stdout.trim().split("\n"), stderr };
}

const installs = () => {
  try {
    return readFileSync(`${folder}/programs/npm-runs`, "utf8").trim().split("\n").length;
  } catch {
    return 0;
  }
};

test.each([
  [
    ["up", "--yes"],
    ["services/seed/main.ts", "up", "--yes"],
  ],
  [["env"], ["services/seed/main.ts", "env"]],
  [
    ["apps", "--system"],
    ["services/cli/main.ts", "apps", "--system"],
  ],
  [[], ["services/cli/main.ts"]],
])("%j goes to %j", (args, words) => {
  expect(quine(args)).toMatchObject({ status: 0, words });
});

test("packages are installed once, and again when the lock file says something else", () => {
  expect(quine(["up"]).stderr).toMatch(/-----> Installing npm packages \.\.\. done, \d+ s/);
  expect(quine(["up"]).stderr).toBe("");
  expect(installs()).toBe(1);
  // Touched by a checkout and back: the same words, a later time.
  utimesSync(`${root}/package-lock.json`, new Date(), new Date(Date.now() + 60_000));
  quine(["up"]);
  expect(installs()).toBe(1);
  writeFileSync(`${root}/package-lock.json`, "two");
  quine(["up"]);
  expect(installs()).toBe(2);
});

test("packages that somebody installed by hand will do", () => {
  spawnSync(`${folder}/programs/npm`, ["--prefix", root, "ci"]);
  utimesSync(`${root}/package-lock.json`, new Date(), new Date(Date.now() - 60_000));
  quine(["up"]);
  expect(installs()).toBe(1);
});

test("from any folder, and by a link", () => {
  symlinkSync(`${root}/bin/quine`, `${folder}/programs/q`);
  expect(quine(["up"], { command: `${folder}/programs/q`, cwd: folder }).words[0]).toBe("services/seed/main.ts");
});

test("an install that fails shows its last words, and where the rest is", () => {
  writeFileSync(`${folder}/programs/npm-fails`, "");
  const { status, stderr } = quine(["up"]);
  expect(status).toBe(1);
  expect(stderr).toContain("npm says why");
  expect(stderr).toMatch(/quine: Installing npm packages failed; the whole output is in \S+\.log/);
});

test("a machine without Node is told which packages it needs, and nothing is installed unasked", () => {
  for (const name of ["node", "npm"]) rmSync(`${folder}/programs/${name}`);
  for (const name of ["bash", "readlink", "cmp", "env", "dirname"])
    symlinkSync(`/usr/bin/${name}`, `${folder}/programs/${name}`);
  const { status, stderr } = quine(["up"], { path: `${folder}/programs` });
  expect(status).toBe(1);
  expect(stderr).toMatch(/Node and npm are missing.*nodejs npm.*--yes/);
});

test("a Node that npm of today does not run on is named", () => {
  program("node", "#!/usr/bin/env bash\n[[ $1 == --version ]] && echo v12.22.0 || echo 12\n");
  const { status, stderr } = quine(["up"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/Node v12\.22\.0 is too old/);
});

test.each([["up", "--help"], ["help"], ["apps", "-h"]])("help in a fresh clone installs nothing: %s %s", (...args) => {
  const { status, words } = quine(args.filter((word) => word !== undefined));
  expect(status).toBe(0);
  expect(words[0]).toMatch(/^bin\/quine up /);
  expect(installs()).toBe(0);
});

test("help with packages of another commit comes from them; a --help for another program is none", () => {
  quine(["up"]);
  writeFileSync(`${root}/package-lock.json`, "two");
  expect(quine(["up", "--help"]).words).toEqual(["services/seed/main.ts", "up", "--help"]);
  expect(installs()).toBe(1);
  quine(["run", "ls", "--help"]);
  expect(installs()).toBe(2);
});

/** The same with a person at a terminal, who types this answer. */
async function typed(answer: string, ...args: string[]): Promise<{ status: number; output: string }> {
  const terminal = spawnTerminal(`${root}/bin/quine`, args, {
    cwd: "/",
    env: { PATH: `${folder}/programs:/usr/bin:/bin`, TMPDIR: folder },
  });
  let output = "";
  terminal.onData((text) => {
    if (!output.includes("[Y/n]") && (output + text).includes("[Y/n]")) terminal.write(`${answer}\r`);
    output += text;
  });
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => terminal.onExit(resolve));
  return { status: exitCode, output };
}

test("a person is asked before anything is installed", async () => {
  const no = await typed("n", "up");
  expect(no.output).toMatch(/Install npm packages into \S+\/node_modules\? \[Y\/n\]/);
  expect(no.output).toMatch(/Nothing was installed.*--yes/);
  expect(no.status).toBe(1);
  expect(installs()).toBe(0);
  expect((await typed("", "up")).status).toBe(0);
  expect(installs()).toBe(1);
});

test("but not a person who has said yes", async () => {
  const { status, output } = await typed("n", "up", "--yes");
  expect(status).toBe(0);
  expect(output).not.toContain("[Y/n]");
});
