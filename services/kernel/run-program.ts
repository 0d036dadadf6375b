import { execFile } from "node:child_process";

/**
 * Runs a program to its end and gives its standard output. No shell: arguments are passed as they are.
 * @throws Error with the program's last words on stderr when it fails, or when it takes longer than `timeoutMs` (default 60 s).
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      { timeout: options.timeoutMs ?? 60_000, maxBuffer: 16 * 1024 * 1024, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const words = stderr.trim().split("\n").slice(-3).join("; ") || error.message;
        reject(
          new Error(`${program} failed: ${words}`, { cause: error.killed ? new Error("it took too long") : undefined }),
        );
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
  });
}
