import { execFile } from "node:child_process";

/** Runs git in a folder and gives its output. @throws Error with git's last words. */
export type Git = (folder: string, env: Readonly<Record<string, string>>, ...args: string[]) => Promise<string>;

/**
 * Hooks, signing and monitors of the user's configuration are off: these are no commits of theirs. The checkout may belong to
 * another user than root.
 * @param inherited the seed's environment; variables of another git call that we may run inside of are taken out.
 */
export function createGit(inherited: Readonly<Record<string, string>>): Git {
  const clean = Object.fromEntries(
    Object.entries(inherited).filter(([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_SSL_")),
  );
  const settings = ["safe.directory=*", "core.hooksPath=/dev/null", "commit.gpgSign=false", "core.fsmonitor=false"];
  return (folder, env, ...args) =>
    new Promise((resolve, reject) => {
      execFile(
        "git",
        [...settings.flatMap((setting) => ["-c", setting]), ...args],
        { cwd: folder, env: { ...clean, ...env }, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error === null) return resolve(stdout);
          const words = stderr.trim().split("\n").slice(-5).join("; ");
          reject(new Error(`git ${args[0]} failed: ${words || error.message}`));
        },
      );
    });
}
