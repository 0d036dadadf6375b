import { path } from "../api.ts";
import type { Call } from "../command.ts";
import { parseScale } from "../scale-words.ts";

/** `ps:scale`, or `ps:scale web=2 worker+1` */
export async function run(call: Call): Promise<void> {
  const { terminal } = call;
  const updates = parseScale(call.words);
  const api = await call.api();
  const app = await call.app();
  const where = path`/apps/${app}/formation`;
  if (updates.length === 0) {
    const formation = await api.list(where);
    const text = formation.map((one) => `${one.text("type")}=${one.number("quantity")}:${one.text("size")}`).join(" ");
    terminal.line(text === "" ? `${app} has no process types: push code to it first.` : text);
    return;
  }
  const changed = new Set(updates.map(({ type }) => type));
  await terminal.action(
    "Scaling dynos",
    async () => (await api.send("PATCH", where, { updates })).many,
    (formation) =>
      `now running ${formation
        .filter((one) => changed.has(one.text("type")))
        .map((one) => `${one.text("type")} at ${one.number("quantity")}:${one.text("size")}`)
        .join(", ")}`,
  );
}
