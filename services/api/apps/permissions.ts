import { Problem } from "../../kernel/problem.ts";
import { platformAppName } from "../../kernel/system-apps.ts";
import type { Account } from "../accounts/account.ts";
import type { App } from "./app.ts";

/** What can be done with an app; each operation says which it is. */
export type Action = "see" | "operate" | "build" | "configure" | "reshape" | "destroy";

/**
 * What the owner of the platform may do with its own parts: see them, and operate them (scale, restart, roll back). Their config vars hold
 * the platform's keys and are shown to nobody; their code comes through the app `quine` alone. `quine` itself is like an
 * app of its owner, except that it cannot go away.
 */
const allowed: Readonly<Record<"own" | "part" | "source", readonly Action[]>> = {
  own: ["see", "operate", "build", "configure", "reshape", "destroy"],
  part: ["see", "operate"],
  source: ["see", "operate", "build", "configure"],
};

const refusals: Readonly<Record<Action, string>> = {
  see: "be seen",
  operate: "be operated",
  build: "be built by itself: push to the app quine, it promotes what it builds to every part",
  configure: "be configured: its settings are the platform's own",
  reshape: "be renamed or changed",
  destroy: "be destroyed",
};

/** @throws Problem not_found when the account does not see the app, forbidden when it sees it and may not do this. */
export function requirePermission(account: Account, app: App, action: Action): void {
  const kind = app.name === platformAppName ? "source" : app.system ? "part" : "own";
  const sees = kind === "own" ? app.owner.id === account.id : account.ownsPlatform;
  if (!sees) throw appNotFound();
  if (allowed[kind].includes(action)) return;
  throw new Problem("forbidden", `${app.name} is a part of the platform and cannot ${refusals[action]}.`);
}

export function appNotFound(): Problem {
  return new Problem("not_found", "Couldn't find that app.", { resource: "app" });
}
