import { text } from "node:stream/consumers";
import type { Call } from "../command.ts";
import { gitHosts } from "../remotes.ts";
import { findTarget } from "../target.ts";

/**
 * Git's credential protocol (gitcredentials(7)): git writes what it wants a password for, we answer for the platform's hosts alone.
 * For anything else we say nothing, and git asks the next one.
 */
export async function run(call: Call): Promise<void> {
  if (call.words[0] !== "get") return;
  const wanted = new Map<string, string>();
  for (const line of (await text(process.stdin)).split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) wanted.set(line.slice(0, at), line.slice(at + 1));
  }
  const protocol = wanted.get("protocol");
  const url = `${protocol}://${wanted.get("host")}`;
  if ((protocol !== "http" && protocol !== "https") || !URL.canParse(url)) return;
  const target = await findTarget(call.settings);
  if (!gitHosts(target.origin, call.settings.gitHost).includes(new URL(url).hostname)) return;
  // A token that only ever went through TLS does not go out in the clear because a remote says so.
  if (target.origin.startsWith("https:") && protocol === "http") return;
  await call.terminal.write(`username=heroku\npassword=${target.token}\n`);
}
