import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Problem } from "../kernel/problem.ts";

const run = promisify(execFile);

export interface Remote {
  readonly name: string;
  readonly url: string;
}

/** The git repository of the current folder. The only file that runs git. */
export interface Git {
  /** Fetch URLs; none outside a repository, or without git. */
  remotes(): Promise<Remote[]>;
  /** A setting's value. */
  setting(name: string): Promise<string | undefined>;
  /** Sets in this repository. @throws Problem outside of one. */
  set(name: string, value: string): Promise<void>;
  setRemote(name: string, url: string): Promise<void>;
  removeRemote(name: string): Promise<void>;
  isRepository(): Promise<boolean>;
}

export function createGit(): Git {
  const ask = async (...words: string[]): Promise<string | undefined> => {
    try {
      const { stdout } = await run("git", words, { timeout: 10_000, maxBuffer: 1024 * 1024 });
      return stdout.trimEnd();
    } catch {
      return undefined;
    }
  };
  const must = async (...words: string[]): Promise<void> => {
    try {
      await run("git", words, { timeout: 10_000, maxBuffer: 1024 * 1024 });
    } catch (cause) {
      const { stderr = "", code } = cause as { stderr?: string; code?: unknown };
      const words = code === "ENOENT" ? "git is not installed" : stderr.trim().split("\n")[0];
      throw new Problem("bad_request", `Cannot change the git repository here: ${words}`, { cause });
    }
  };
  const remotes = async (): Promise<Remote[]> => {
    const lines = (await ask("remote", "-v"))?.split("\n") ?? [];
    return lines.flatMap((line) => {
      const [, name, url] = /^(\S+)\t(.+) \(fetch\)$/.exec(line) ?? [];
      return name === undefined || url === undefined ? [] : [{ name, url }];
    });
  };
  return {
    remotes,
    setting: (name) => ask("config", "--get", name),
    set: (name, value) => must("config", "--local", name, value),
    async setRemote(name, url) {
      const isThere = (await remotes()).some((remote) => remote.name === name);
      await (isThere ? must("remote", "set-url", name, url) : must("remote", "add", name, url));
    },
    removeRemote: (name) => must("remote", "remove", name),
    isRepository: async () => (await ask("rev-parse", "--git-dir")) !== undefined,
  };
}
