import type { Call } from "./command.ts";
import { UsageProblem } from "./usage-problem.ts";

export type DynoChoice =
  | { readonly kind: "all" }
  | { readonly kind: "dyno"; readonly name: string }
  | { readonly kind: "type"; readonly type: string };

/** Which dynos -d, -p, or a word (`web.1` or `web`, as one used to write) mean. @throws UsageProblem when more than one is given. */
export function chosenDynos(call: Call): DynoChoice {
  const given = [call.words[0], call.text("dyno-name"), call.text("process-type")].filter((one) => one !== undefined);
  if (given.length > 1) throw new UsageProblem("Name one dyno with -d, or one type with -p, not both.");
  const [word] = call.words;
  const dyno = call.text("dyno-name") ?? (word?.includes(".") ? word : undefined);
  const type = call.text("process-type") ?? (word?.includes(".") ? undefined : word);
  if (dyno !== undefined) return { kind: "dyno", name: dyno };
  return type === undefined ? { kind: "all" } : { kind: "type", type };
}
