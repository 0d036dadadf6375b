import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CompileFail } from "../compile-fail.ts";

export const slugignoreLimits = { bytesMax: 64 * 1024, patternsMax: 1000 } as const;

/**
 * Removes what `.slugignore` names before the build. Paths in `kept` (dependencies of the last build) are not looked into.
 * @returns how many files and directories were removed.
 */
export function applySlugignore(folder: string, kept: readonly string[]): number {
  let text: string;
  try {
    text = readFileSync(join(folder, ".slugignore"), "utf8");
  } catch {
    return 0;
  }
  const patterns = parseSlugignore(text);
  if (patterns.length === 0) return 0;
  const isIgnored = (path: string) => patterns.some((pattern) => pattern.test(path));
  const isKept = new Set(kept);
  let removed = 0;
  const walk = (path: string) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const below = path === "" ? entry.name : `${path}/${entry.name}`;
      if (isKept.has(below) || below === ".quine") continue;
      if (isIgnored(below)) {
        rmSync(join(folder, below), { recursive: true });
        removed += 1;
      } else if (entry.isDirectory()) walk(below);
    }
  };
  walk("");
  return removed;
}

/**
 * One expression per pattern, for paths relative to the root of the source. A pattern with a leading slash holds at the root,
 * others at any depth; `*`, `?`, `[…]`, `{a,b}` and `**` as in a shell. There is no negation, as on Heroku.
 */
export function parseSlugignore(text: string): RegExp[] {
  if (Buffer.byteLength(text) > slugignoreLimits.bytesMax)
    throw new CompileFail(`.slugignore is larger than ${slugignoreLimits.bytesMax / 1024} kB`);
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.length > slugignoreLimits.patternsMax)
    throw new CompileFail(`.slugignore has more than ${slugignoreLimits.patternsMax} patterns`);
  return lines.map((line, index) => {
    const anchored = line.startsWith("/");
    const pattern = line.replace(/^\.?\/+/, "").replace(/\/+$/, "");
    try {
      return new RegExp(`^${anchored ? "" : "(?:.*/)?"}${expression(pattern)}$`, "s");
    } catch (cause) {
      throw new CompileFail(`.slugignore has a pattern that cannot be read: number ${index + 1}`, [], { cause });
    }
  });
}

function expression(pattern: string): string {
  let result = "";
  let braces = 0;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (pattern.startsWith("**/", index)) {
      result += "(?:.*/)?";
      index += 2;
    } else if (pattern.startsWith("**", index)) {
      result += ".*";
      index += 1;
    } else if (character === "*") result += "[^/]*";
    else if (character === "?") result += "[^/]";
    else if (character === "[" && pattern.indexOf("]", index + 2) > 0) {
      const end = pattern.indexOf("]", index + 2);
      const set = pattern.slice(index + 1, end).replace(/^[!^]/, "");
      const negated = /^[!^]/.test(pattern.slice(index + 1, end));
      result += `[${negated ? "^/" : ""}${set.replace(/[\\\][^]/g, "\\$&")}]`;
      index = end;
    } else if (character === "{") {
      braces += 1;
      result += "(?:";
    } else if (character === "}" && braces > 0) {
      braces -= 1;
      result += ")";
    } else if (character === "," && braces > 0) result += "|";
    else result += character.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  }
  return result + ")".repeat(braces);
}
