import { changeBuildpacks } from "../change-buildpacks.ts";
import type { Call } from "../command.ts";

/** `buildpacks:clear` */
export async function run(call: Call): Promise<void> {
  await changeBuildpacks(call, () => []);
}
