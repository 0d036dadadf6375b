import { spawn } from "node:child_process";

export interface ProgramResult {
  /** Exit status, or 128 + the signal's number as a shell says it. */
  readonly status: number;
  /** The last bytes of what it printed, for a look at why it failed. */
  readonly tail: string;
}

const tailBytes = 16 * 1024;
/** How long a killed group may go on holding its output before we stop listening. */
const drainMs = 2_000;

/**
 * Runs a program as the leader of its own process group, with one pipe for both of its outputs so that their order holds. When it
 * ends, whatever it left behind in the group is killed; when the signal aborts, the whole group is.
 * @param use is given the bytes as they come; where it returns a promise the program waits for it, so nothing piles up here.
 */
export async function runProgram(
  command: readonly [string, ...string[]],
  options: {
    directory: string;
    environment: Readonly<Record<string, string>>;
    signal: AbortSignal;
    use: (bytes: Uint8Array) => Promise<void> | void;
    /** When set, only standard output goes to `use`; errors to this. */
    useErrors?: (bytes: Uint8Array) => Promise<void> | void;
  },
): Promise<ProgramResult> {
  options.signal.throwIfAborted();
  const [program, ...rest] = command;
  const separate = options.useErrors !== undefined;
  const child = spawn(
    separate ? program : "/bin/sh",
    separate ? rest : ["-c", 'exec "$@" 2>&1', "sh", program, ...rest],
    {
      cwd: options.directory,
      env: options.environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const group = child.pid;
  const kill = (signal: NodeJS.Signals) => {
    if (group === undefined) return;
    try {
      process.kill(-group, signal);
    } catch {
      // The group is gone.
    }
  };
  const onAbort = () => kill("SIGKILL");
  options.signal.addEventListener("abort", onAbort, { once: true });

  let tail = Buffer.alloc(0);
  const drain = async (stream: AsyncIterable<Uint8Array>, use: (bytes: Uint8Array) => Promise<void> | void) => {
    for await (const bytes of stream) {
      tail = Buffer.concat([tail, bytes]).subarray(-tailBytes);
      await use(bytes);
    }
  };
  const drained = Promise.all([
    drain(child.stdout, options.use),
    drain(child.stderr, options.useErrors ?? options.use),
  ]).catch(() => {});

  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + signalNumber(signal)));
    });
    kill("SIGKILL");
    // A process that left the group can still hold the pipe: it does not hold the build.
    const patience = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, drainMs);
    await drained;
    clearTimeout(patience);
    options.signal.throwIfAborted();
    return { status, tail: tail.toString("utf8") };
  } finally {
    options.signal.removeEventListener("abort", onAbort);
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return signal === null ? 1 : (numbers[signal] ?? 1);
}
