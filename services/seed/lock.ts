import { createServer } from "node:net";
import { Problem } from "../kernel/problem.ts";
import { untilWorks } from "./waiting.ts";

/** Work that any platform's seed on this machine may be at: whoever comes second waits. @throws Error when it takes too long. */
export async function withMachineLock<T>(what: string, limitMs: number, work: () => Promise<T>): Promise<T> {
  let release: (() => void) | undefined;
  await untilWorks(`Another bin/quine is at work on ${what}`, limitMs, async () => {
    release = await takeLock(what);
    return undefined;
  });
  try {
    return await work();
  } finally {
    release?.();
  }
}

/**
 * Lets one seed at a time change a platform. An abstract socket: the kernel takes it back however its holder dies, and no file stays.
 * @returns how to give it back. @throws Problem conflict when another holds it.
 */
export async function takeLock(platformName: string): Promise<() => void> {
  const server = createServer((connection) => connection.destroy());
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Problem(
              "conflict",
              `Another bin/quine is at work on the platform ${platformName}: wait until it is done`,
            )
          : error,
      ),
    );
    server.listen(`\0quine-seed-${platformName}`, resolve);
  });
  return () => server.close();
}
