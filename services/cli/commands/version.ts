import { readFile } from "node:fs/promises";
import type { Call } from "../command.ts";

/** `version` */
export async function run(call: Call): Promise<void> {
  const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  call.terminal.line(`quine/${version} ${process.platform}-${process.arch} node-${process.version}`);
}
