import { CompileFail } from "./compile-fail.ts";

export const procfileLimits = { bytesMax: 64 * 1024, typesMax: 100, typeLengthMax: 63 } as const;

/**
 * Process type → command. A line is `type: command`; blank lines and lines that begin with `#` say nothing. Unlike Heroku, which
 * overlooks a line it cannot read, a bad one ends the build: a process type lost without a word is found out in production.
 * @throws CompileFail naming the line.
 */
export function parseProcfile(text: string): Record<string, string> {
  if (Buffer.byteLength(text) > procfileLimits.bytesMax)
    throw new CompileFail(`Procfile is larger than ${procfileLimits.bytesMax / 1024} kB`);
  const types = new Map<string, string>();
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const where = `Procfile line ${index + 1}`;
    const [, type, command] = /^([A-Za-z0-9_-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (type === undefined || command === undefined)
      throw new CompileFail(`${where} is not \`type: command\`: ${quoted(line)}`, [
        "A process type is made of letters, digits, dashes and underscores, and ends with a colon.",
      ]);
    if (command.trim() === "") throw new CompileFail(`${where} has no command for the process type ${quoted(type)}`);
    if (hasControlCharacter(command)) throw new CompileFail(`${where} has a control character in its command`);
    if (type.length > procfileLimits.typeLengthMax)
      throw new CompileFail(`${where}: a process type has at most ${procfileLimits.typeLengthMax} characters`);
    if (types.has(type)) throw new CompileFail(`${where} declares the process type ${quoted(type)} a second time`);
    types.set(type, command.trim());
  }
  if (types.size === 0)
    throw new CompileFail("Procfile declares no process types", [
      "Write a line such as `web: npm start`, or remove the file.",
    ]);
  if (types.size > procfileLimits.typesMax)
    throw new CompileFail(
      `Procfile declares ${types.size} process types, the most there can be is ${procfileLimits.typesMax}`,
    );
  return Object.fromEntries(types);
}

/** A line of somebody's file in a message: no control characters for the reader's terminal, and not too long. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text);
}
