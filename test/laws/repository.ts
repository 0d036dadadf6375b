import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** Path from the root of the repository → text. */
export type Repository = ReadonlyMap<string, string>;

export interface Law {
  /** What holds. */
  readonly law: string;
  /** The reason, told to whoever breaks it. */
  readonly why: string;
  /** @returns one line for each place that breaks it: file, and what is there. */
  readonly broken: (repository: Repository) => string[];
  /** Files that break it: a law that finds nothing here would find nothing anywhere. */
  readonly example: Readonly<Record<string, string>>;
}

const textExtensions = /(\.(ts|json|md|sql|yml|sh)|(^|\/)[^./]+)$/;

/** The checkout's text files, tracked or about to be; the test apps and recorded data apart. */
export function readRepository(): Repository {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const paths = list
    .toString("utf8")
    .split("\0")
    .filter((path) => textExtensions.test(path) && !path.startsWith("test/apps/") && path !== "package-lock.json")
    .filter((path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile());
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

export function typeScript(repository: Repository, folder = ""): [path: string, text: string][] {
  return [...repository].filter(([path]) => path.startsWith(folder) && path.endsWith(".ts"));
}

/** The source without comments, and with its strings emptied, line by line: what is left is what runs. */
export function code(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    (found) => (found.startsWith("/") ? "" : '""') + "\n".repeat(found.split("\n").length - 1),
  );
}

/** What a file imports: packages by name, own files by their path from the root. */
export function importsOf(path: string, text: string): string[] {
  const named = text.matchAll(
    /^\s*(?:import|export)\b[^"'`;]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm,
  );
  return [...named].map((found) => {
    const target = found[1] ?? found[2] ?? found[3] ?? "";
    return target.startsWith(".") ? normalize(join(dirname(path), target)) : target;
  });
}

/** `services/api/x/y.ts` → `api` */
export function serviceOf(path: string): string | undefined {
  return /^services\/([^/]+)\//.exec(path)?.[1];
}

export function serviceNames(repository: Repository): string[] {
  return [...new Set([...repository.keys()].map(serviceOf))].filter((name) => name !== undefined).sort();
}
