import { withAdded } from "../buildpack-list.ts";
import { changeBuildpacks } from "../change-buildpacks.ts";
import type { Call } from "../command.ts";

/** `buildpacks:add BUILDPACK [-i PLACE]` */
export async function run(call: Call): Promise<void> {
  const index = call.text("index") === undefined ? undefined : call.count("index", 1);
  await changeBuildpacks(call, (list) => withAdded(list, call.words[0] ?? "", index));
}
