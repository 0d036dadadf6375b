import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";
import { frontAddress } from "./addresses.ts";
import { outcomeOf, type PushOutcome } from "./push-outcome.ts";

interface PushOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly app: string;
  readonly commit: string;
  readonly token: string;
  readonly path: string;
  say(line: string): void;
}

/** The build of a push whose seed was killed goes on without it. */
const busyMsMax = 5 * 60_000;
/** While the platform takes a new slug its front restarts. */
const awayMsMax = 60_000;
/** A refusal is no longer; a build is. */
const refusalLinesMax = 8;

/**
 * Pushes; when another push to the app runs, waits until that has ended and pushes again. Most often it is one of ours whose seed was
 * killed: then it has brought the same commit, and git finds nothing left to push.
 * @throws Problem when the other one does not end, Error with git's last lines when the push was rejected.
 */
export async function push(platform: Platform, options: PushOptions): Promise<void> {
  const began = Date.now();
  let awaySince: number | undefined;
  let isTold = false;
  for (;;) {
    const { outcome, last } = await pushOnce(platform, options, isTold ? refusalLinesMax : 0);
    if (outcome === "done") return;
    awaySince = outcome === "away" ? (awaySince ?? Date.now()) : undefined;
    const isOver = awaySince === undefined ? Date.now() - began > busyMsMax : Date.now() - awaySince > awayMsMax;
    if (outcome === "busy" && isOver)
      throw new Problem(
        "conflict",
        `Another push to ${options.app} did not end within ${busyMsMax / 60_000} minutes: look at it with quine builds -a ${options.app}, then run bin/quine up again`,
      );
    if (outcome === "failed" || isOver) throw new Error(`git push to ${options.app} failed: ${last.join("; ")}`);
    if (!isTold) options.say("waiting for an earlier push that is still being built");
    isTold = true;
    await pause(1_000);
  }
}

/**
 * `git push` to an app of the platform, with real git over HTTP. The token goes by git's environment, where no process list shows it;
 * names are resolved to this machine, and no proxy is asked for the way to it.
 * `say` gets git's progress and the build's output.
 * @param linesHeld first lines that are said once more follow, so that one refusal after the other says nothing. @returns how it ended, with git's last lines.
 */
async function pushOnce(
  platform: Platform,
  options: PushOptions,
  linesHeld: number,
): Promise<{ outcome: PushOutcome; last: string[] }> {
  const credentials = Buffer.from(`heroku:${options.token}`).toString("base64");
  const settings = {
    "http.extraHeader": `Authorization: Basic ${credentials}`,
    "http.curloptResolve": `${platform.domain}:${platform.httpPort}:${frontAddress(platform)}`,
    "http.proxy": "",
    "core.hooksPath": "/dev/null",
    "safe.directory": "*",
    "credential.helper": "",
    "protocol.version": "2",
  };
  const numbered = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const child = spawn(
    "git",
    [
      "push",
      "--force",
      `http://${platform.domain}:${platform.httpPort}/${options.app}.git`,
      `${options.commit}:refs/heads/main`,
    ],
    {
      cwd: options.folder,
      env: {
        PATH: options.path,
        HOME: "/nonexistent",
        ...options.env,
        ...Object.fromEntries(numbered),
        GIT_CONFIG_COUNT: String(Object.keys(settings).length),
        GIT_TERMINAL_PROMPT: "0",
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const last: string[] = [];
  let held: string[] | undefined = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const text = line.trimEnd();
    if (text === "") continue;
    held?.push(text);
    if (held === undefined) options.say(text);
    else if (held.length > linesHeld) {
      for (const line of held) options.say(line);
      held = undefined;
    }
    last.push(text.replace(/^remote:\s*/, "").trim());
    if (last.length > refusalLinesMax) last.shift();
  }
  const status = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("close", resolve)));
  return { outcome: outcomeOf(status, last), last };
}
