import { existsSync } from "node:fs";
import { Problem, sentence } from "../../kernel/problem.ts";
import { runProgram } from "../../kernel/run-program.ts";
import { answers } from "../engine-answers.ts";
import { done, type Kind, missing } from "../runner.ts";
import { untilWorks } from "../waiting.ts";
import type { World } from "../world.ts";

const usualSocket = "/var/run/docker.sock";

/** An engine that answers. One that runs already is used as it is; only where there is none, Debian's is started. */
export const engine: Kind<World, { readonly waitMs: number }> = {
  async check(world) {
    if (!(await answers(world.engineApi))) return missing(`no engine answers at ${world.platform.engineSocket}`);
    return done(`Docker ${(await world.engineApi.info()).version}`);
  },
  async act(world, { waitMs }) {
    const { engineSocket } = world.platform;
    if (existsSync("/run/systemd/system") && engineSocket === usualSocket) {
      world.terminal.say("systemctl start docker");
      await runProgram("systemctl", ["start", "docker.service"]);
    } else {
      const script = new URL("../start-engine", import.meta.url).pathname;
      world.terminal.say(`starting dockerd at ${engineSocket}`);
      await runProgram(script, [engineSocket]).catch((cause: unknown) => {
        throw new Problem("service_unavailable", `The container engine could not be started: ${sentence(cause)}`);
      });
    }
    await untilWorks("The container engine did not start", waitMs, async () =>
      (await answers(world.engineApi))
        ? undefined
        : `nothing answers at ${engineSocket}; see /var/log/quine-dockerd.log`,
    );
  },
};
