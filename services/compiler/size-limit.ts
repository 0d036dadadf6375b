import { CompileFail } from "./compile-fail.ts";
import { formatBytes } from "./output.ts";

/** @throws CompileFail when the layers together are larger than the app's slugs may be. */
export function refuseLargeSlug(bytes: number, bytesMax: number): void {
  if (bytes <= bytesMax) return;
  throw new CompileFail(`Compiled slug size: ${formatBytes(bytes)} is too large (max is ${formatBytes(bytesMax)})`, [
    "Name what the app does not need at run time in a .slugignore file.",
  ]);
}
