import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Platform } from "../kernel/platform.ts";
import { frontAddress } from "./addresses.ts";

/**
 * `git push` to an app of the platform, with real git over HTTP. The token goes by git's environment, where no process list shows it;
 * names are resolved to this machine, and no proxy is asked for the way to it.
 * @param say gets git's progress and the build's output. @throws Error with the last lines when the push was rejected.
 */
export async function push(
  platform: Platform,
  options: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly app: string;
    readonly commit: string;
    readonly token: string;
    readonly path: string;
    say(line: string): void;
  },
): Promise<void> {
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
  for await (const line of createInterface({ input: child.stderr })) {
    const text = line.trimEnd();
    if (text === "") continue;
    options.say(text);
    last.push(text.replace(/^remote:\s*/, "").trim());
    if (last.length > 5) last.shift();
  }
  const status = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("close", resolve)));
  if (status !== 0) throw new Error(`git push to ${options.app} failed: ${last.join("; ")}`);
}
