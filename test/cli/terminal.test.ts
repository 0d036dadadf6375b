import pty from "node-pty";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiWorld, startApiWorld } from "../worlds/api.ts";
import { bareEnvironment, program } from "./quine.ts";

let world: ApiWorld;
beforeEach(async () => {
  world = await startApiWorld();
  world.addApp("my-app");
});
afterEach(async () => {
  await world.stop();
});

/** Runs the command on a terminal and types `answer` when it is asked. */
function onTerminal(words: string[], answer: string, variables: Record<string, string> = {}) {
  return new Promise<{ status: number; screen: string }>((resolve) => {
    const terminal = pty.spawn(process.execPath, [program, ...words], {
      cwd: "/",
      env: bareEnvironment({ TERM: "xterm", HEROKU_HOST: world.origin, HEROKU_API_KEY: world.token, ...variables }),
    });
    let screen = "";
    let isAnswered = false;
    terminal.onData((data) => {
      screen += data;
      if (isAnswered || !/\n> /.test(screen)) return;
      isAnswered = true;
      terminal.write(answer);
    });
    terminal.onExit(({ exitCode }) => resolve({ status: exitCode, screen }));
  });
}

test("an app is destroyed once its name is typed", async () => {
  const { status, screen } = await onTerminal(["apps:destroy", "my-app"], "my-app\r");
  expect(screen).toContain("To do it, type my-app");
  expect(screen).toContain("\u001b[35m⬢ my-app\u001b[39m");
  expect(screen).toMatch(/Destroying .*done/);
  expect(status).toBe(0);
  expect(world.seen.at(-1)).toMatchObject({ method: "DELETE", path: "/apps/my-app" });
});

test.each([
  ["another name", "my-ap\r"],
  ["nothing", "\r"],
  ["the end of input", "\u0004"],
])("and is not for %s", async (_, answer) => {
  const { status, screen } = await onTerminal(["apps:destroy", "my-app"], answer, { NO_COLOR: "1" });
  expect(screen).toContain("is not my-app: nothing was destroyed.");
  expect(screen).not.toContain("\u001b[35m");
  expect(status).toBe(1);
  expect(world.seen.some(({ method }) => method === "DELETE")).toBe(false);
});
