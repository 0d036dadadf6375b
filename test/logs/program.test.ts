import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";

const main = new URL("../../services/logs/main.ts", import.meta.url).pathname;

test("the program serves, and exits with 0 on SIGTERM", async () => {
  const child = spawn(process.execPath, [main], { env: { PORT: "0", LOGS_TOKEN: "token", LOGS_KEY: "key" } });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = /^logs is up port=(\d+)$/.exec(line)?.[1];
  expect((await fetch(`http://127.0.0.1:${port}/_logs/intake`, { method: "POST" })).status).toBe(401);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("without its settings it says which is missing", async () => {
  const child = spawn(process.execPath, [main], { env: { PORT: "0", LOGS_TOKEN: "token" } });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  expect(await once(child, "close")).toEqual([1, null]);
  expect(output).toBe("level=error Cannot start: LOGS_KEY is not set\n");
});
