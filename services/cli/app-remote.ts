import { fileURLToPath } from "node:url";
import type { Git } from "./git.ts";

/**
 * Makes a git remote, and tells git to ask this program for the password: a push then needs no typing, and the token rests in no file
 * of the repository. Only for this repository, and only for that host.
 */
export async function makeRemote(git: Git, remote: string, url: string): Promise<void> {
  await git.setRemote(remote, url);
  const program = fileURLToPath(new URL("../../bin/quine", import.meta.url));
  await git.set(`credential.${new URL(url).origin}.helper`, `!${shellWord(program)} git:credentials`);
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
