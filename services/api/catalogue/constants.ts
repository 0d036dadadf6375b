import { type Size, sizes } from "../../kernel/sizes.ts";
import { constantId } from "../present.ts";

/** What the platform offers one of: it is not in the database because it never changes. */
export const region = { id: constantId("region", "local"), name: "local" } as const;

export interface StackReference {
  readonly id: string;
  readonly name: string;
}

export const defaultStack: StackReference = stackNamed("debian-12");

export function stackNamed(name: string): StackReference {
  return { id: constantId("stack", name), name };
}

/** When the constants came to be, for clients that read it. */
export const since = "2026-11-01T00:00:00Z";

/** Sizes people can choose; the others are the platform's own. */
export const dynoSizes: readonly Size[] = sizes.filter((size) => size.name !== "build" && size.name !== "system");

/** `standard-1x` → `Standard-1X`: clients look prices up by this spelling. */
export function sizeTitle(name: string): string {
  return name
    .split("-")
    .map((word) => (/^\d/.test(word) ? word.toUpperCase() : capital(word)))
    .join("-");
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
