import { Problem } from "../../kernel/problem.ts";
import { limits } from "../limits.ts";

/** A value, or null to remove. */
export type ConfigPatch = Readonly<Record<string, string | null>>;

export interface ConfigChange {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  /** What the release is called; undefined when nothing changes, and then there is none. */
  readonly description: string | undefined;
}

/** @throws Problem invalid_params for a name that cannot be a variable, or when there would be over 64 kB of them. */
export function planConfigChange(current: Readonly<Record<string, string>>, patch: ConfigPatch): ConfigChange {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const [name, value] of Object.entries(patch)) {
    // The names become files of the build's env directory and variables of a shell.
    if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,255}$/.test(name)) {
      throw new Problem("invalid_params", `${JSON.stringify(name.slice(0, 100))} is not a name of a config var.`);
    }
    if (value === null) {
      if (Object.hasOwn(current, name)) remove.push(name);
      continue;
    }
    if (value.includes("\0")) throw new Problem("invalid_params", `${name}: a value cannot contain a NUL character.`);
    if (!Object.hasOwn(current, name) || current[name] !== value) set[name] = value;
  }
  const after = { ...current, ...set };
  for (const name of remove) delete after[name];
  const bytes = Object.entries(after).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (bytes > limits.configBytes) {
    throw new Problem(
      "invalid_params",
      `Cannot set config vars: they would take ${bytes} bytes, ${limits.configBytes} is the limit.`,
    );
  }
  return { set, remove, description: describe(Object.keys(set), remove) };
}

function describe(set: readonly string[], removed: readonly string[]): string | undefined {
  const actions = [];
  if (set.length > 0) actions.push(`Set ${set.join(", ")} config vars`);
  if (removed.length > 0) actions.push(`Remove ${removed.join(", ")} config vars`);
  return actions.length === 0 ? undefined : actions.join(", ");
}
