import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, expect, test } from "vitest";
import { done, repository, run, testPlatform } from "../worlds/platform.ts";

/** A second platform beside the one of the other stories: its name, folder and ports are its own. */
const other = {
  QUINE_NAME: "qresume",
  QUINE_DATA: `${testPlatform.dataDir}-resume`,
  QUINE_PORT: String(testPlatform.httpPort + 7),
  QUINE_TLS_PORT: String(testPlatform.httpsPort + 7),
};

const quine = (...args: string[]) => run(`${repository}/bin/quine`, args, { env: other });

/** Steps of the boot in their order; `up` prints a line for each when it is done, or was done before. */
const steps = [
  "data folder",
  "trust",
  "certificate",
  "network",
  "ingress",
  "slug A",
  "postgres",
  "database roles",
  "database tables",
  "registry",
  "publish slug A",
  "register",
  "runtime",
  "platform answers",
];

/** Line of a step that is done. */
const lineOf = (step: string) => new RegExp(`[✓·] ${step} `);

/** Starts `up` and kills it with all it started, without warning, as soon as it has printed this. @returns what it had printed. */
async function upKilledAt(pattern: RegExp, ...flags: string[]): Promise<string> {
  const child = spawn(`${repository}/bin/quine`, ["up", "--yes", "--no-self", ...flags], {
    cwd: repository,
    env: { ...process.env, ...other },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("bin/quine did not start");
  let printed = "";
  const take = (chunk: Buffer) => {
    printed += chunk;
    if (pattern.test(printed)) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It had ended already.
      }
    }
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  await once(child, "close");
  return printed;
}

afterAll(async () => {
  await quine("destroy", "--yes");
});

test("`up`, killed in the midst of each step, goes on where it was", async () => {
  for (const step of steps) {
    const printed = await upKilledAt(lineOf(step), "--no-sample");
    expect(printed, `it never came to the step after "${step}"`).toMatch(lineOf(step));
    expect(printed).not.toMatch(/✗|failed/i);
  }
  const up = await quine("up", "--yes", "--no-self", "--no-sample");
  expect(up.status, up.stdout + up.stderr).toBe(0);
  const status = await quine("status");
  expect(status.status, status.stdout).toBe(0);
  const postgres = await done("docker", [
    "ps",
    "-q",
    "--filter",
    "label=quine.platform=qresume",
    "--filter",
    "label=quine.app=postgres",
  ]);
  expect(postgres.trim().split("\n")).toHaveLength(1);
}, 600_000);

test("`up`, killed while its push is being built, waits for that build and goes on", async () => {
  const printed = await upKilledAt(/platform answers [\s\S]*remote: /);
  expect(printed).not.toMatch(/✓ sample app|✗|failed/);
  const up = await quine("up", "--yes", "--no-self");
  expect(up.status, up.stdout + up.stderr).toBe(0);
  expect(up.stdout).toMatch(lineOf("sample app"));
  expect((await quine("releases", "-a", "node-hello")).stdout.match(/Deploy/g)).toHaveLength(1);
  const left = await done("bash", ["-c", "ls -d /tmp/quine-sample-qresume-* 2>/dev/null || true"]);
  expect(left.trim()).toBe("");
}, 300_000);

test("`down` keeps the data, `up` brings it back, `destroy` leaves nothing", async () => {
  const down = await quine("down");
  expect(down.status, down.stderr).toBe(0);
  expect((await done("docker", ["ps", "-aq", "--filter", "label=quine.platform=qresume"])).trim()).toBe("");
  expect((await quine("status")).status).not.toBe(0);
  const up = await quine("up", "--yes", "--no-self", "--no-sample");
  expect(up.status, up.stdout + up.stderr).toBe(0);
  expect((await quine("releases", "-a", "api")).stdout).toContain("Bootstrap");

  expect((await quine("destroy", "--confirm", "somethingelse")).status).not.toBe(0);
  const gone = await quine("destroy", "--confirm", "qresume");
  expect(gone.status, gone.stderr).toBe(0);
  for (const [what, script] of [
    ["containers", "docker ps -aq --filter label=quine.platform=qresume"],
    ["networks", "docker network ls -q --filter name=quine-qresume"],
    ["mounts", `findmnt -rno TARGET | grep '${other.QUINE_DATA}' || true`],
    ["loop devices", `losetup -l | grep '${other.QUINE_DATA}' || true`],
    ["firewall rules", "iptables -S | grep QUINE-QRESUME || true"],
    ["files", `ls -d '${other.QUINE_DATA}' 2>/dev/null || true`],
  ] as const) {
    expect((await done("bash", ["-c", script])).trim(), what).toBe("");
  }
});
