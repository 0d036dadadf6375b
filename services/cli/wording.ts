import type { Fields } from "./fields.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./table.ts";

/** An app's name as it stands in sentences. */
export function appLabel(name: string, paint: Paint): string {
  return paint.app(`⬢ ${printable(name)}`);
}

/** `=== example Config Vars` */
export function heading(text: string, paint: Paint): string {
  return paint.heading(`=== ${printable(text)}`);
}

/** What `--json` prints. */
export function asJson(value: Fields | readonly Fields[]): string {
  return JSON.stringify("all" in value ? value.all : value.map((one) => one.all), undefined, 2);
}

/** `NAME=value` with the value quoted for a shell where it must be. */
export function shellLine(name: string, value: string): string {
  return `${name}=${/^[\w@%+:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`;
}
