import { Problem } from "../../kernel/problem.ts";
import { sizeNamed } from "../../kernel/sizes.ts";
import { platformAppName, systemAppNamed } from "../../kernel/system-apps.ts";
import { limits } from "../limits.ts";

export interface FormationEntry {
  readonly type: string;
  readonly quantity: number;
  readonly size: string;
}

export interface FormationChange {
  readonly add: readonly FormationEntry[];
  readonly remove: readonly string[];
}

type AppFacts = { readonly name: string; readonly system: boolean };

/**
 * What a release does to the formation: types come and go with the slug. The first slug of an app runs one `web`.
 * A part of the platform has the one type that bears its name, and the app `quine` runs nothing itself.
 */
export function formationAfterRelease(
  app: AppFacts,
  current: readonly FormationEntry[],
  processTypes: readonly string[],
  isFirstSlug: boolean,
): FormationChange {
  const types = processTypes.filter((type) => runs(app, type));
  const known = new Set(current.map((entry) => entry.type));
  return {
    add: types
      .filter((type) => !known.has(type))
      .map((type) => ({
        type,
        quantity: app.system ? (systemAppNamed(app.name)?.quantity ?? 0) : isFirstSlug && type === "web" ? 1 : 0,
        size: app.system ? "system" : "basic",
      })),
    remove: [...known].filter((type) => !types.includes(type)),
  };
}

function runs(app: AppFacts, type: string): boolean {
  if (app.name === platformAppName) return false;
  return app.system ? type === app.name : true;
}

export interface ScaleUpdate {
  readonly type: string;
  /** A number, or `"+1"`, `"-1"`, `"2"`; undefined: as it is. */
  readonly quantity?: string | number | undefined;
  readonly size?: string | undefined;
}

/**
 * The entries after a scale; only those that were asked for, in their order.
 * @throws Problem not_found for a type the slug does not have, invalid_params for a number or size that cannot be.
 */
export function scaled(
  app: AppFacts,
  current: readonly FormationEntry[],
  updates: readonly ScaleUpdate[],
): FormationEntry[] {
  const entries = new Map(current.map((entry) => [entry.type, entry]));
  for (const update of updates) {
    const entry = entries.get(update.type);
    if (entry === undefined) {
      throw new Problem("not_found", `Couldn't find that process type (${update.type}).`, { resource: "formation" });
    }
    const after = { ...entry, quantity: quantityAfter(entry, update), size: sizeAfter(app, entry, update) };
    requirePlatformStands(app, after);
    entries.set(update.type, after);
  }
  const named = new Set(updates.map((update) => update.type));
  return [...named].flatMap((type) => entries.get(type) ?? []);
}

function quantityAfter(entry: FormationEntry, update: ScaleUpdate): number {
  if (update.quantity === undefined) return entry.quantity;
  const match = /^([+-]?)(\d{1,6})$/.exec(String(update.quantity));
  if (!match) {
    throw new Problem("invalid_params", `Cannot scale ${entry.type}: quantity must look like 2, "+1" or "-1".`);
  }
  const [, sign, digits] = match;
  const number = Number(digits);
  const quantity = sign === "+" ? entry.quantity + number : sign === "-" ? entry.quantity - number : number;
  if (quantity < 0 || quantity > limits.dynosPerType) {
    throw new Problem(
      "invalid_params",
      `Cannot scale ${entry.type} to ${quantity}: 0 to ${limits.dynosPerType} can run.`,
    );
  }
  return quantity;
}

function sizeAfter(app: AppFacts, entry: FormationEntry, update: ScaleUpdate): string {
  if (update.size === undefined) return entry.size;
  const size = sizeNamed(update.size);
  if (size === undefined || size.name === "build" || (size.name === "system") !== app.system) {
    throw new Problem("invalid_params", `Cannot run ${entry.type} as ${update.size}: no such dyno size for this app.`);
  }
  return size.name;
}

/** Nobody can scale away what is needed to scale it back, nor start a second of what holds a volume, an address or memory. */
function requirePlatformStands(app: AppFacts, entry: FormationEntry): void {
  const part = app.system ? systemAppNamed(app.name) : undefined;
  if (part === undefined) return;
  const isPlural = part.quantity > 0 && part.network === "dyno" && part.rollout === "start-first";
  if (isPlural ? entry.quantity >= part.quantity : entry.quantity === part.quantity) return;
  throw new Problem(
    "forbidden",
    `Cannot scale ${app.name} to ${entry.quantity}: the platform needs ${isPlural ? "at least " : ""}${part.quantity} of it.`,
  );
}
