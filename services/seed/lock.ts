import { createServer } from "node:net";
import { Problem } from "../kernel/problem.ts";

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
