import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { Problem } from "../kernel/problem.ts";
import type { Git } from "./git.ts";

/** The repository that this seed was started from: what the platform is made of. */
export interface Checkout {
  readonly root: string;
  /**
   * A commit of what lies in the working tree: HEAD where nothing was changed, else a commit made aside. The repository itself,
   * its index and its branches stay as they are: new objects go to `objectsDir`.
   */
  snapshot(objectsDir: string): Promise<Snapshot>;
  /** Writes the files of a snapshot as a tar. */
  archive(snapshot: Snapshot, file: string): Promise<void>;
}

export interface Snapshot {
  readonly commit: string;
  /** Variables with which git sees the snapshot. */
  readonly env: Readonly<Record<string, string>>;
}

/** Fixed, so that the same working tree gives the same commit. */
const author = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((role) => [
    [`GIT_${role}_NAME`, "Quine"],
    [`GIT_${role}_EMAIL`, "quine@localhost"],
    [`GIT_${role}_DATE`, "2026-01-01T00:00:00Z"],
  ]),
);

export function createCheckout(root: string, git: Git): Checkout {
  return {
    root,
    async snapshot(objectsDir) {
      if (!existsSync(`${root}/.git`))
        throw new Problem(
          "bad_request",
          `${root} is not a git checkout, and the platform deploys itself by git push: clone it with git`,
        );
      await mkdir(`${objectsDir}/pack`, { recursive: true, mode: 0o700 });
      const common = (await git(root, {}, "rev-parse", "--path-format=absolute", "--git-common-dir")).trim();
      const env = {
        GIT_OBJECT_DIRECTORY: objectsDir,
        GIT_ALTERNATE_OBJECT_DIRECTORIES: `${common}/objects`,
        // Its refresh of the index, which `status` would write, is the user's.
        GIT_OPTIONAL_LOCKS: "0",
      };
      const isDirty = (await git(root, env, "status", "--porcelain", "--untracked-files=normal")).trim() !== "";
      const isShallow = (await git(root, env, "rev-parse", "--is-shallow-repository")).trim() === "true";
      const head = (await git(root, env, "rev-parse", "HEAD")).trim();
      if (!isDirty && !isShallow) return { commit: head, env };
      // A shallow history can't be pushed, so the snapshot of one has no parent.
      const parent = isShallow ? [] : ["-p", head];
      const tree = isDirty ? await workingTree(git, root, env, `${objectsDir}/index`) : `${head}^{tree}`;
      const subject = isDirty ? `Working tree on ${head.slice(0, 12)}` : `Snapshot of ${head.slice(0, 12)}`;
      const commit = await git(root, { ...env, ...author }, "commit-tree", tree, ...parent, "-m", subject);
      return { commit: commit.trim(), env };
    },
    async archive(snapshot, file) {
      await git(root, snapshot.env, "archive", "--format=tar", `--output=${file}.new`, snapshot.commit);
      await rename(`${file}.new`, file);
    },
  };
}

async function workingTree(
  git: Git,
  root: string,
  env: Readonly<Record<string, string>>,
  index: string,
): Promise<string> {
  await rm(index, { force: true });
  const own = { ...env, GIT_INDEX_FILE: index };
  await git(root, own, "read-tree", "HEAD");
  await git(root, own, "add", "--all");
  return (await git(root, own, "write-tree")).trim();
}
