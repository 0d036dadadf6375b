import { Problem } from "../../kernel/problem.ts";
import { path } from "../api.ts";
import type { Call } from "../command.ts";
import type { Fields } from "../fields.ts";
import { printable } from "../table.ts";
import { timeAgo } from "../times.ts";
import { asJson, heading } from "../wording.ts";

/** `ps [TYPE…] [--json]`: the standing dynos by type, and apart from them the one-offs. */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const app = await call.app();
  const all = await (await call.api()).list(path`/apps/${app}/dynos`);
  const { words } = call;
  const dynos = all.filter((dyno) => words.length === 0 || words.includes(dyno.text("type"))).sort(byName);
  const [missing] = words.filter((type) => !all.some((dyno) => dyno.text("type") === type));
  if (missing !== undefined)
    throw new Problem(
      "not_found",
      `${app} has no dyno of the type ${printable(missing)}.\nSee them all with: quine ps -a ${app}`,
    );
  if (call.isOn("json")) {
    terminal.line(asJson(dynos));
    return;
  }
  if (dynos.length === 0) {
    terminal.line(`No dynos on ${app}. Start some with: quine ps:scale web=1 -a ${app}`);
    return;
  }
  let isFirst = true;
  for (const [title, group] of groups(dynos)) {
    if (!isFirst) terminal.line();
    isFirst = false;
    terminal.line(heading(title, terminal.paint));
    terminal.line();
    for (const dyno of group) terminal.line(dynoLine(dyno, call));
  }
}

/** Groups in the order of their names, `run` last. */
export function groups(dynos: readonly Fields[]): [string, Fields[]][] {
  const grouped = Map.groupBy(dynos, (dyno) =>
    dyno.text("type") === "run"
      ? "run: one-off processes"
      : `${dyno.text("type")} (${dyno.text("size")}): ${dyno.text("command")}`,
  );
  return [...grouped]
    .map(([title, group]) => [`${title} (${group.length})`, group] as [string, Fields[]])
    .sort(([, a], [, b]) => {
      const isOneOff = (group: readonly Fields[]) => Number(group[0]?.text("type") === "run");
      return isOneOff(a) - isOneOff(b);
    });
}

function byName(a: Fields, b: Fields): number {
  return a.text("name").localeCompare(b.text("name"), "en", { numeric: true });
}

function dynoLine(dyno: Fields, call: Call): string {
  const { paint } = call.terminal;
  const state = dyno.text("state");
  const painted = state === "up" ? paint.good(state) : state === "crashed" ? paint.bad(state) : printable(state);
  const command = dyno.text("type") === "run" ? `: ${printable(dyno.text("command"))}` : "";
  return `${paint.name(printable(dyno.text("name")))}: ${painted} ${timeAgo(dyno.text("updated_at"), call.now())}${command}`;
}
