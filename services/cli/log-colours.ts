import type { Paint } from "./paint.ts";

/** A log line with its head in a colour of its process, so that the eye can follow one among many; the platform's own are dim. */
export function paintLogLine(line: string, paint: Paint): string {
  const [, head, source, process = "", rest = ""] = /^(\S+ ([\w-]+)\[([\w.-]+)\]:)(.*)$/s.exec(line) ?? [];
  if (head === undefined) return line;
  if (source === "heroku" && /^(router|api|logplex)$/.test(process)) {
    return `${paint.dim(head)}${/ Error [A-Z]\d\d |at=error/.test(rest) ? paint.bad(rest) : rest}`;
  }
  let number = 0;
  for (const letter of process) number = (number * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return `${paint.nth(head, number)}${/^ Error [A-Z]\d\d /.test(rest) && source === "heroku" ? paint.bad(rest) : rest}`;
}
