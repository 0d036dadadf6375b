import { catalogue, commandNamed, machineCommands } from "./catalogue.ts";
import type { Command } from "./command.ts";
import { flagsOf, unknown, usage } from "./parse.ts";
import { table } from "./table.ts";

/** All commands, those of a topic, or one. @throws UsageProblem for an unknown topic. */
export function help(topic: string | undefined): string {
  if (topic === undefined) return everything();
  const command = commandNamed(topic);
  const below = visible().filter(({ name }) => name.startsWith(`${topic}:`));
  if (command === undefined && below.length === 0) {
    const machine = machineCommands.find(([name]) => name === topic);
    if (machine !== undefined) return `quine ${machine[0]}: ${machine[1]}\n`;
    throw unknown(topic);
  }
  return [
    ...(command === undefined ? [] : [about(command)]),
    ...(below.length === 0 ? [] : [section(`More of ${topic}`, rows(below))]),
  ].join("\n");
}

function everything(): string {
  return [
    "Usage: quine COMMAND [WORDS] [-a APP]\n",
    section("The platform on this machine", machineCommands),
    section("Apps on it", rows(visible())),
    "More of one: quine help COMMAND\n",
  ].join("\n");
}

function about(command: Command): string {
  const flags = Object.entries(flagsOf(command)).map(([name, { short, value, summary }]) => [
    `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
    summary,
  ]);
  return [
    `${command.summary}\n`,
    `Usage: ${usage(command)}\n`,
    ...(command.aliases === undefined ? [] : [`Also: ${command.aliases.join(", ")}\n`]),
    ...(flags.length === 0 ? [] : [section("Flags", flags)]),
  ].join("\n");
}

function visible(): Command[] {
  return catalogue.filter((command) => command.isHidden !== true);
}

function rows(commands: readonly Command[]): string[][] {
  return commands.map(({ name, summary }) => [name, summary]);
}

function section(title: string, lines: readonly (readonly string[])[]): string {
  return `${title}:\n${table(lines)
    .map((line) => `  ${line}\n`)
    .join("")}`;
}
