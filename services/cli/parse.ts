import { parseArgs } from "node:util";
import { commandNamed, typeableNames } from "./catalogue.ts";
import type { Command, Flag } from "./command.ts";
import { nearest } from "./suggest.ts";
import { UsageProblem } from "./usage-problem.ts";

export type Parsed =
  | { readonly kind: "help"; readonly topic: string | undefined }
  | {
      readonly kind: "command";
      readonly command: Command;
      readonly words: readonly string[];
      readonly flags: Readonly<Record<string, string | boolean | undefined>>;
    };

const appFlags: Readonly<Record<string, Flag>> = {
  app: { short: "a", value: "APP", summary: "the app" },
  remote: { short: "r", value: "REMOTE", summary: "the app of this git remote" },
};

/** A command's flags, with those every command about an app has. Its own win: `git:remote -r` means another thing. */
export function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  return { ...(command.isAboutApp ? appFlags : {}), ...command.flags };
}

/** What the words after `quine` mean. @throws UsageProblem */
export function parse(argv: readonly string[]): Parsed {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h") return { kind: "help", topic: undefined };
  if (name === "help") return { kind: "help", topic: rest.find((word) => !word.startsWith("-")) };
  if (name === "--version" || name === "-v") return parse(["version"]);
  const command = commandNamed(name);
  const isHelpWanted = beforeDashes(rest).some((word) => word === "--help" || word === "-h");
  if (isHelpWanted) return { kind: "help", topic: name };
  if (command === undefined) throw unknown(name);

  const flags = flagsOf(command);
  const { values, positionals } = parseWords(command, flags, rest);
  checkWords(command, positionals);
  return { kind: "command", command, words: positionals, flags: values };
}

/** @throws UsageProblem with a suggestion. */
export function unknown(name: string): UsageProblem {
  const near = nearest(name, typeableNames());
  const hint = near === undefined ? "See them all with: quine help" : `Did you mean ${near}?`;
  return new UsageProblem(`There is no command ${JSON.stringify(name)}.\n${hint}`);
}

function parseWords(command: Command, flags: Readonly<Record<string, Flag>>, words: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([flag, { short, value }]) => [
      flag,
      {
        type: value === undefined ? ("boolean" as const) : ("string" as const),
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
    return { values: values as Record<string, string | boolean | undefined>, positionals };
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string };
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw thrown;
    const typed = /'-?-?([\w-]+)/.exec(message)?.[1] ?? "";
    const near = code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" ? nearest(typed, Object.keys(flags)) : undefined;
    const hint = near === undefined ? "" : ` Did you mean --${near}?`;
    throw new UsageProblem(`${message.split(/\. |\n/)[0]}.${hint}\nSee: quine help ${command.name}`);
  }
}

function checkWords(command: Command, given: readonly string[]): void {
  const words = command.words ?? [];
  const required = words.filter((word) => !word.startsWith("["));
  const missing = required[given.length];
  const isMany = words.some((word) => word.includes("…"));
  if (missing !== undefined) {
    throw new UsageProblem(`${missing.replace("…", "")} is missing.\nUsage: ${usage(command)}`);
  }
  if (!isMany && given.length > words.length) {
    throw new UsageProblem(`${JSON.stringify(given[words.length])} is one word too many.\nUsage: ${usage(command)}`);
  }
}

/** `quine config:set KEY=VALUE… -a APP` */
export function usage(command: Command): string {
  return ["quine", command.name, ...(command.words ?? []), ...(command.isAboutApp ? ["[-a APP]"] : [])].join(" ");
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const dashes = words.indexOf("--");
  return dashes < 0 ? words : words.slice(0, dashes);
}
