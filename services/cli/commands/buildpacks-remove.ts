import { withRemoved } from "../buildpack-list.ts";
import { changeBuildpacks } from "../change-buildpacks.ts";
import type { Call } from "../command.ts";
import { UsageProblem } from "../usage-problem.ts";

/** `buildpacks:remove BUILDPACK`, or `-i PLACE` */
export async function run(call: Call): Promise<void> {
  const [name] = call.words;
  if ((name === undefined) === (call.text("index") === undefined)) {
    throw new UsageProblem("Which one? Name it, or give its place with -i NUMBER (not both).");
  }
  await changeBuildpacks(call, (list) => withRemoved(list, name ?? call.count("index", 1)));
}
