import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runProgram } from "../../services/compiler/process-group.ts";

const environment = { PATH: process.env.PATH ?? "" };

/** False too for one that is dead and waits for its parent to see it. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function run(script: string, signal = new AbortController().signal, use: (text: string) => void = () => {}) {
  let text = "";
  const result = await runProgram(["bash", "-c", script], {
    directory: "/tmp",
    environment,
    signal,
    use: (bytes) => {
      text += Buffer.from(bytes).toString();
      use(text);
    },
  });
  return { ...result, text };
}

test("both outputs come in the order in which they were written, and the status is the program's", async () => {
  const { status, text, tail } = await run("for i in 1 2 3; do echo out $i; echo err $i >&2; done; exit 7");
  expect(status).toBe(7);
  expect(text).toBe("out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
  expect(tail).toBe(text);
});

test("a signal's death has the status that shells give it", async () => {
  expect((await run("kill -9 $$")).status).toBe(137);
});

test("what a program leaves behind in its group is killed, though it ignores SIGTERM and holds the output", async () => {
  const { text } = await run("(trap '' TERM; exec sleep 1000) & echo $!");
  expect(Number(text)).toBeGreaterThan(1);
  expect(isAlive(Number(text))).toBe(false);
});

test("stopping kills the whole group", async () => {
  const stop = new AbortController();
  let pid = 0;
  const running = run("trap '' TERM; echo $$; while true; do sleep 1000; done", stop.signal, (text) => {
    pid = Number(text);
    stop.abort(new Error("stopped"));
  });
  await expect(running).rejects.toThrow("stopped");
  expect(pid).toBeGreaterThan(1);
  expect(isAlive(pid)).toBe(false);
});

test("a program that is not there is an error, not an exit status of a build", async () => {
  const missing = runProgram(["/nowhere/program"], {
    directory: "/tmp",
    environment,
    signal: new AbortController().signal,
    use: () => {},
    useErrors: () => {},
  });
  await expect(missing).rejects.toThrow(/ENOENT/);
});

test("the program waits for a slow reader, and only the last of the output is kept", async () => {
  let bytesTotal = 0;
  const { tail } = await runProgram(["bash", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo the end"], {
    directory: "/tmp",
    environment,
    signal: new AbortController().signal,
    use: async (bytes) => {
      bytesTotal += bytes.length;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  expect(bytesTotal).toBe(3_000_009);
  expect(tail.endsWith("x\nthe end\n")).toBe(true);
  expect(tail.length).toBeLessThanOrEqual(16 * 1024);
});
