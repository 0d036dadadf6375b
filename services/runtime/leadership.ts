import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Two runtimes may run at once, while one takes over from the other; one leads. The lead is a file lock (flock) in the data folder:
 * the kernel gives it back when its holder dies, however it dies, and it needs no database.
 */
export interface Lead {
  /** Gives the lead away. */
  release(): Promise<void>;
}

/**
 * Waits for the lead. @param signal gives up waiting; the promise then rejects.
 * The lock is held by a child process (`flock` runs `cat`, which ends when our end of its input closes, so also when we are killed).
 */
export async function takeLead(lockFile: string, signal: AbortSignal): Promise<Lead> {
  const child = spawn("flock", ["--exclusive", lockFile, "sh", "-c", "echo held; exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
    // In a process group of its own: a signal to the dyno's group must not give the lead away before the runtime has finished.
    detached: true,
  });
  const stop = () => child.kill("SIGKILL");
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([once(child.stdout, "data"), failed(child)]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return {
    async release() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.stdin.end();
      await gone;
    },
  };
}

async function failed(child: ChildProcess): Promise<never> {
  const [status] = await Promise.race([once(child, "exit"), once(child, "error")]);
  throw new Error(`Cannot wait for the lead: flock ended (${String(status)})`);
}
