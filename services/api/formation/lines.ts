import { sizeTitle } from "../catalogue/constants.ts";
import type { FormationEntry } from "./plan.ts";

/** `Scaled to web@2:Basic worker@1:Standard-1X by user E`, as the app's log tells it. */
export function scaleLine(entries: readonly FormationEntry[], email: string): string {
  const parts = entries.map(({ type, quantity, size }) => `${type}@${quantity}:${sizeTitle(size)}`);
  return `Scaled to ${parts.join(" ")} by user ${email}`;
}
