import { CompileFail } from "../compile-fail.ts";

/**
 * What a buildpack says about dependencies: these paths are a function of this key, and nothing else of the app lies in them.
 * It writes `$QUINE_DEPS/<name>.json` with `{"key": "…", "paths": ["…"]}`; each declaration becomes a layer of its own, which
 * the next build finds under the build folder, with the declaration of then in `$QUINE_DEPS_BEFORE`. An empty key is never equal.
 */
export interface Declaration {
  readonly name: string;
  readonly key: string;
  readonly paths: readonly string[];
}

export const declarationLimits = { bytesMax: 16 * 1024, countMax: 10, pathsMax: 50 } as const;

/** @throws CompileFail naming the buildpack's mistake. */
export function parseDeclaration(name: string, text: string): Declaration {
  const refuse = (why: string) =>
    new CompileFail(`A buildpack declared dependencies that cannot be: ${name}.json ${why}`);
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) throw refuse("has a name of other characters than a-z, 0-9 and dashes");
  if (text.length > declarationLimits.bytesMax) throw refuse("is too large");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw refuse("is not JSON");
  }
  const { key, paths } = (document ?? {}) as { key?: unknown; paths?: unknown };
  if (typeof key !== "string" || key.length > 500) throw refuse("has no key");
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > declarationLimits.pathsMax)
    throw refuse("has no list of paths");
  for (const path of paths)
    if (!isPath(path)) throw refuse(`names ${JSON.stringify(path)}, which is not a path inside the app`);
  return { name, key, paths: paths as string[] };
}

/** @throws CompileFail when two declarations claim one place: a file is in one layer. */
export function refuseOverlap(declarations: readonly Declaration[]): void {
  const claims = declarations.flatMap(({ name, paths }) => paths.map((path) => ({ name, path })));
  for (const one of claims) {
    for (const other of claims) {
      if (one !== other && (one.path === other.path || other.path.startsWith(`${one.path}/`)))
        throw new CompileFail(
          `Buildpacks declared the same dependencies twice: ${one.path} (${one.name}) and ${other.path} (${other.name})`,
        );
    }
  }
}

function isPath(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length <= 1000 &&
    /^[A-Za-z0-9._@+-]+(\/[A-Za-z0-9._@+-]+)*$/.test(value) &&
    value.split("/").every((part) => part !== "." && part !== ".." && !part.startsWith("-")) &&
    value.split("/")[0] !== ".quine"
  );
}
