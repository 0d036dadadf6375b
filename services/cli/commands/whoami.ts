import type { Call } from "../command.ts";

/** `whoami` */
export async function run(call: Call): Promise<void> {
  call.terminal.line((await (await call.api()).get("/account")).text("email"));
}
