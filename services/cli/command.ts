import type { Api } from "./api.ts";
import type { Settings } from "./config.ts";
import type { Git } from "./git.ts";
import type { Terminal } from "./terminal.ts";

/** A command as the command line, the help and the suggestions see it: data, so that none of them loads what a command does. */
export interface Command {
  /** `topic:verb` or a bare topic. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Words after the name: `KEY` is required, `[KEY]` is not, `KEY…` is one or more, `[KEY…]` any number. */
  readonly words?: readonly string[];
  readonly flags?: Readonly<Record<string, Flag>>;
  /** Takes -a/--app and -r/--remote. */
  readonly isAboutApp?: boolean;
  /** Works, but is for programs: not in the help. */
  readonly isHidden?: boolean;
  readonly load: () => Promise<{ readonly run: Run }>;
}

export interface Flag {
  readonly short?: string;
  /** What its value is called in the help; a flag without one is a switch. */
  readonly value?: string;
  readonly summary: string;
}

/** @throws Problem for what the user can do something about, any other error for a bug. */
export type Run = (call: Call) => Promise<void>;

/** One use of a command: what was asked for, and all it may touch. */
export interface Call {
  readonly words: readonly string[];
  /** The value of a flag. */
  text(flag: string): string | undefined;
  /** A flag's value as a whole number. @throws UsageProblem */
  count(flag: string, fallback: number): number;
  isOn(flag: string): boolean;
  /** The app it is about. @throws UsageProblem when it cannot be told. */
  app(): Promise<string>;
  /** Made when it is first used: a command that asks nothing needs no host and no token. @throws Problem */
  api(): Promise<Api>;
  readonly git: Git;
  readonly terminal: Terminal;
  readonly settings: Settings;
  now(): Date;
}
