import { type Api, path } from "./api.ts";
import type { Fields } from "./fields.ts";
import { UsageProblem } from "./usage-problem.ts";

/** A map of names to values, in the order of the names. */
export function varsOf(fields: Fields): Map<string, string> {
  const names = Object.keys(fields.all).sort();
  return new Map(names.map((name) => [name, fields.text(name)]));
}

/** Sets (or, with null, removes) config vars. @returns all there are then, and the release that made, e.g. `v12`. */
export async function changeVars(
  api: Api,
  app: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<{ vars: Map<string, string>; release: string }> {
  const { one } = await api.send("PATCH", path`/apps/${app}/config-vars`, changes);
  const [release] = await api.list(path`/apps/${app}/releases`, "version ..; order=desc,max=1");
  return { vars: varsOf(one), release: release === undefined ? "" : `v${release.number("version")}` };
}

/** `KEY=VALUE` words; the value may be empty and may hold further `=`. @throws UsageProblem */
export function parseAssignments(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      // The word is not repeated: it may be a secret.
      if (at < 1) throw new UsageProblem("Each word must be KEY=VALUE, and one of them is not.");
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
