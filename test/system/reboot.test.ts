import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { api, ask, done, eventually, quine, run, testPlatform } from "../worlds/platform.ts";

/** Stops the engine as a machine's shutdown would, with every container killed first, and starts it again. */
async function restartEngine(): Promise<void> {
  await done("bash", ["-c", `docker kill $(docker ps -q --filter label=quine.platform=${testPlatform.name})`]);
  if ((await run("systemctl", ["is-active", "docker"]).catch(() => ({ status: 1 }))).status === 0) {
    await done("systemctl", ["restart", "docker"]);
    return;
  }
  const pid = (await readFile("/var/run/docker.pid", "utf8")).trim();
  await done("kill", [pid]);
  await eventually(
    "the engine to end",
    () => run("kill", ["-0", pid]),
    ({ status }) => status !== 0,
    90_000,
  );
  const started = await quine("engine", "--yes");
  expect(started.status, started.stderr).toBe(0);
}

test("after the engine was stopped and started, everything answers again by itself", async () => {
  // Other platforms come back like this one; other people's containers may not.
  const listed = await done("docker", ["ps", "--format", '{{.Label "quine.platform"}} {{.Names}}']);
  const foreign = listed.split("\n").filter((line) => line.startsWith(" ") && line.trim() !== "");
  expect(foreign, "containers that are no platform's run on this engine: this story would stop them").toEqual([]);
  await restartEngine();
  const isOk = ({ status }: { status: number }) => status === 200;
  await eventually("the sample app", () => ask("node-hello.localhost"), isOk, 120_000);
  await eventually("the API", () => api("GET", "/apps"), isOk, 60_000);
  await eventually(
    "every part",
    () => quine("status"),
    ({ status }) => status === 0,
    60_000,
  );
});
