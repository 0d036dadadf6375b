import { Problem } from "../kernel/problem.ts";
import { readSettings } from "./config.ts";
import { parse } from "./parse.ts";
import { createTerminal } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

const settings = readSettings(process.env);
const terminal = createTerminal(settings.hasColours);

// Whoever reads us may stop at any line, as `head` does: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  const parsed = parse(process.argv.slice(2));
  if (parsed.kind === "help") {
    const { help } = await import("./help.ts");
    await terminal.write(help(parsed.topic));
  } else {
    // Only now what speaks to the platform: the help should be there at once.
    const [{ createCall }, { run }] = await Promise.all([import("./call.ts"), parsed.command.load()]);
    await run(createCall(parsed, settings, terminal));
  }
} catch (thrown) {
  process.exitCode = tell(thrown);
}

/** @returns the exit status: 2 for a command line that cannot be understood, 1 for all else. */
function tell(thrown: unknown): number {
  if (thrown instanceof Problem) {
    const mark = terminal.errorPaint.bad(" ▸   ");
    for (const line of thrown.message.split("\n")) terminal.note(`${mark} ${line}`);
    return thrown instanceof UsageProblem ? 2 : 1;
  }
  terminal.note(`This is a bug in quine: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  return 1;
}
