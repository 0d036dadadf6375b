import { CompileFail } from "./compile-fail.ts";

const bytesMax = 64 * 1024;

/**
 * `default_process_types` of what a buildpack's `bin/release` printed (YAML). Its other keys (addons, config_vars) are Heroku's
 * past and say nothing here.
 * @throws CompileFail when it is not what a release file is.
 */
export async function parseReleaseFile(text: string, buildpackName: string): Promise<Record<string, string>> {
  if (text.length > bytesMax) throw bad(buildpackName, `is larger than ${bytesMax / 1024} kB`);
  // Most say nothing: the YAML parser, slow to load, is only for those that do.
  if (/^(---)?\s*(\{\s*\})?\s*$/.test(text)) return {};
  const { parse } = await import("yaml");
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 10 });
  } catch (cause) {
    throw bad(buildpackName, "is not YAML", cause);
  }
  if (document === null || document === undefined) return {};
  if (!isRecord(document)) throw bad(buildpackName, "is not a mapping");
  const types = document.default_process_types ?? {};
  if (!isRecord(types)) throw bad(buildpackName, "has default_process_types that are not a mapping");
  const entries = Object.entries(types);
  for (const [type, command] of entries) {
    if (!/^[A-Za-z0-9_-]{1,63}$/.test(type) || typeof command !== "string" || command.trim() === "")
      throw bad(buildpackName, `has a default process type that cannot be: ${JSON.stringify(type)}`);
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(buildpackName: string, why: string, cause?: unknown): CompileFail {
  return new CompileFail(`The release file of the buildpack ${buildpackName} ${why}`, [], { cause });
}
