import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, done, type Ended, ownerToken, repository, run, testPlatform } from "./platform.ts";

/** An app on the test platform with a git repository of its own. */
export interface AppWorld {
  readonly name: string;
  readonly folder: string;
  write(file: string, content: string): Promise<void>;
  commit(message: string): Promise<string>;
  /** `git push`: the output a person would see is in stderr. */
  push(refspec?: string): Promise<Ended>;
  git(...args: string[]): Promise<string>;
  /** `git ls-remote`. @throws Error when the server does not answer. */
  remoteRefs(): Promise<string>;
  /** Subjects of the commits of a fresh clone, newest first. */
  cloneLog(): Promise<string>;
  destroy(): Promise<void>;
}

/** Creates the app through the API, and a repository with the files of `test/apps/<sample>` in it. */
export async function createApp(name: string, sample: string): Promise<AppWorld> {
  await api("DELETE", `/apps/${name}`);
  const created = await api("POST", "/apps", { name });
  if (created.status !== 201) throw new Error(`Cannot create ${name}: ${JSON.stringify(created.value)}`);
  const folder = await mkdtemp(join(tmpdir(), `quine-${name}-`));
  await cp(`${repository}/test/apps/${sample}`, folder, { recursive: true });
  const git = (...args: string[]) =>
    done(
      "git",
      ["-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "init.defaultBranch=main", ...args],
      { cwd: folder },
    );
  await git("init", "--quiet");
  const remote = `http://git.localhost:${testPlatform.httpPort}/${name}.git`;
  const credentials = [
    "-c",
    `http.extraHeader=Authorization: Basic ${Buffer.from(`heroku:${await ownerToken()}`).toString("base64")}`,
  ];
  return {
    name,
    folder,
    git,
    write: (file, content) => writeFile(join(folder, file), content),
    async commit(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "-m", message);
      return (await git("rev-parse", "HEAD")).trim();
    },
    push: (refspec = "HEAD:refs/heads/main") => run("git", [...credentials, "push", remote, refspec], { cwd: folder }),
    remoteRefs: () => done("git", [...credentials, "ls-remote", "--heads", remote], { cwd: folder }),
    async cloneLog() {
      const clone = await mkdtemp(join(tmpdir(), "quine-clone-"));
      try {
        await done("git", [...credentials, "clone", "--quiet", remote, clone]);
        return await done("git", ["log", "--format=%s"], { cwd: clone });
      } finally {
        await rm(clone, { recursive: true, force: true });
      }
    },
    async destroy() {
      await api("DELETE", `/apps/${name}`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
