import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { paintLogLine } from "../log-colours.ts";
import { tailSession } from "../log-tail.ts";
import { textOf } from "../text-stream.ts";
import { UsageProblem } from "../usage-problem.ts";

/** `logs [-n NUMBER] [-t] [-d DYNO | -p TYPE] [-s SOURCE]` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const dyno = call.text("dyno-name");
  const type = call.text("process-type");
  const source = call.text("source");
  if (dyno !== undefined && type !== undefined) throw new UsageProblem("-d and -p cannot be used together.");
  if (source !== undefined && source !== "app" && source !== "heroku") {
    throw new UsageProblem(`--source is app or heroku, not ${JSON.stringify(source)}.`);
  }
  const lines = call.count("num", 100);
  const isTail = call.isOn("tail");
  const api = await call.api();
  const app = await call.app();
  const open = async () => {
    const body = { source, dyno: dyno ?? type, lines, tail: isTail };
    return (await api.send("POST", path`/apps/${app}/log-sessions`, body)).one.text("logplex_url");
  };
  const paint = (line: string) => `${paintLogLine(line, terminal.paint)}\n`;
  if (isTail) {
    for await (const line of tailSession(open)) await terminal.write(paint(line));
    return;
  }
  let rest = "";
  for await (const text of textOf(await open())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    await terminal.write(parts.map(paint).join(""));
  }
  if (rest !== "") await terminal.write(paint(rest));
}
