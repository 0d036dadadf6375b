import { withSet } from "../buildpack-list.ts";
import { changeBuildpacks } from "../change-buildpacks.ts";
import type { Call } from "../command.ts";

/** `buildpacks:set BUILDPACK [-i PLACE]` */
export async function run(call: Call): Promise<void> {
  const index = call.count("index", 1);
  await changeBuildpacks(call, (list) => withSet(list, call.words[0] ?? "", index));
}
