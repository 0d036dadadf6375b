import { access, constants } from "node:fs/promises";
import { Problem, sentence } from "../../kernel/problem.ts";
import { runProgram } from "../../kernel/run-program.ts";
import { ask } from "../ask.ts";
import { answers } from "../engine-answers.ts";
import type { HostProgram } from "../manifest.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";

/** Programs of the host, from Debian's packages. */
export const hostPackages: Kind<World, { readonly programs: readonly HostProgram[] }> = {
  async check(world, { programs }) {
    const packages = await missingPackages(world, programs);
    return packages.length === 0 ? done() : missing(`${packages.join(", ")} missing`);
  },
  async act(world, { programs }) {
    const packages = await missingPackages(world, programs);
    const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
    if ((await where("apt-get")) === undefined)
      throw new Problem(
        "conflict",
        `This machine lacks ${packages.join(", ")} and is not a Debian: install them by hand`,
      );
    if (!world.yes) {
      if (!world.terminal.isInteractive)
        throw new Problem(
          "conflict",
          `This machine lacks ${packages.join(", ")}: run ${command}, or give --yes to have it done`,
        );
      world.terminal.say(`To be installed from Debian's packages: ${packages.join(", ")}`);
      if (!(await ask("Install them now? [y/N] ")))
        throw new Problem("conflict", `Nothing was installed. By hand: ${command}`);
    }
    world.terminal.say(`installing ${packages.join(", ")}`);
    await apt("update", "-q");
    await apt("install", "-qy", "--no-install-recommends", ...packages);
  },
};

async function apt(...args: string[]): Promise<void> {
  try {
    await runProgram("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...args], { timeoutMs: 15 * 60_000 });
  } catch (cause) {
    throw new Problem("service_unavailable", `apt-get ${args[0]} did not work: ${sentence(cause)}`);
  }
}

/** What the image is made with is needed only while there is no image; the engine only when none answers. */
async function missingPackages(world: World, programs: readonly HostProgram[]): Promise<string[]> {
  const hasEngine = await answers(world.engineApi);
  const hasImage = hasEngine && (await world.engineApi.hasImage(world.platform.stackImage));
  const needed = [
    ...programs.filter(({ program }) => program !== "mmdebstrap" || !(hasImage || world.baseImage !== undefined)),
    ...(hasEngine ? [] : [{ program: "dockerd", package: "docker.io" }]),
  ];
  const found = await Promise.all(needed.map(({ program }) => where(program)));
  return [...new Set(needed.filter((_, index) => found[index] === undefined).map((one) => one.package))];
}

/** Root's programs are looked for too, since a plain `su` keeps the user's PATH. */
async function where(program: string): Promise<string | undefined> {
  for (const folder of ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]) {
    const path = `${folder}/${program}`;
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
