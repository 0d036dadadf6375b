import { readFile } from "node:fs/promises";
import net from "node:net";
import { cpus, loadavg, release } from "node:os";
import { runProgram } from "../../services/kernel/run-program.ts";

/** One line that says what the figures were taken on. */
export async function describeMachine(engineVersion: string): Promise<string> {
  const commit = (await runProgram("git", ["rev-parse", "--short", "HEAD"])).trim();
  const meminfo = await readFile("/proc/meminfo", "utf8");
  const gigabytes = Math.round(Number(/MemTotal:\s+(\d+)/.exec(meminfo)?.[1] ?? 0) / 1024 / 1024);
  const processor = cpus()[0]?.model.trim() ?? "an unknown processor";
  // A busy machine's times are no times: whoever reads the table shall know.
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  return `${cpus().length} cores of ${processor}, ${gigabytes} GB, Linux ${release()}, Docker ${engineVersion}, load ${load} at the end, commit ${commit}`;
}

/** Milliseconds, fine-grained. */
export const nowMs = (): number => performance.now();

/**
 * Resolves with the first of the addresses at which something listens. Asks every five milliseconds: more often, and the asking
 * takes a good part of one of two cores from what is measured.
 * @throws Error after `timeLimitMs`.
 */
export async function untilBound(addresses: readonly string[], port: number, timeLimitMs = 60_000): Promise<string> {
  const deadline = nowMs() + timeLimitMs;
  while (nowMs() < deadline) {
    const found = await Promise.all(addresses.map((address) => isBound(address, port)));
    const at = addresses[found.indexOf(true)];
    if (at !== undefined) return at;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`Nothing listened on port ${port} of ${addresses.join(", ")} within ${timeLimitMs / 1000} s`);
}

function isBound(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: address, port, timeout: 1_000 });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}

/** Looks again until it is so. @throws Error after `timeLimitMs`. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
  pauseMs = 5,
  timeLimitMs = 120_000,
): Promise<void> {
  const deadline = nowMs() + timeLimitMs;
  while (nowMs() < deadline) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`Waited ${timeLimitMs / 1000} s for ${what}`);
}

/** Resolves when the processors have been nine tenths idle for 400 ms: what the former measurement left behind is over. */
export async function untilAtRest(): Promise<void> {
  let before = await processorTimes();
  await until(
    "the machine to be at rest",
    async () => {
      const now = await processorTimes();
      const share = (now.idle - before.idle) / Math.max(1, now.all - before.all);
      before = now;
      return share >= 0.9;
    },
    400,
  );
}

async function processorTimes(): Promise<{ idle: number; all: number }> {
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const ticks = line.trim().split(/\s+/).slice(1).map(Number);
  return { idle: (ticks[3] ?? 0) + (ticks[4] ?? 0), all: ticks.reduce((sum, tick) => sum + tick, 0) };
}

/** A port of the host that was free when asked. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
