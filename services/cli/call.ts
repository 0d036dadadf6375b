import { type Api, connectApi } from "./api.ts";
import type { Call } from "./command.ts";
import type { Settings } from "./config.ts";
import { createGit } from "./git.ts";
import type { Parsed } from "./parse.ts";
import { appOfRemotes, gitHosts } from "./remotes.ts";
import { findOrigin, findTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/** All a command gets, from the parsed command line and the settings. */
export function createCall(parsed: Extract<Parsed, { kind: "command" }>, settings: Settings, terminal: Terminal): Call {
  const { words, flags } = parsed;
  const git = createGit();
  let api: Promise<Api> | undefined;

  const text = (flag: string): string | undefined => {
    const value = flags[flag];
    return typeof value === "string" ? value : undefined;
  };
  return {
    words,
    text,
    git,
    terminal,
    settings,
    isOn: (flag) => flags[flag] === true,
    count(flag, fallback) {
      const value = text(flag);
      if (value === undefined) return fallback;
      if (!/^[1-9]\d{0,5}$/.test(value))
        throw new UsageProblem(`--${flag} takes a whole number from 1 on, not ${JSON.stringify(value)}.`);
      return Number(value);
    },
    async app() {
      const name = text("app");
      if (name !== undefined) return name;
      // `git:remote -r` and `create -r` name the remote to make, not the one to look at.
      const remote = parsed.command.flags?.remote === undefined ? text("remote") : undefined;
      if (remote === undefined && settings.appName !== undefined) return settings.appName;
      const hosts = gitHosts(await findOrigin(settings), settings.gitHost);
      return appOfRemotes(await git.remotes(), hosts, remote ?? (await git.setting("heroku.remote")));
    },
    api() {
      api ??= findTarget(settings).then(connectApi);
      return api;
    },
    now: () => new Date(),
  };
}
