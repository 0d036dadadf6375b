import { Socket } from "node:net";
import { addresses, ports } from "../../kernel/platform.ts";
import { systemAppNamed } from "../../kernel/system-apps.ts";
import { registryUrl } from "../addresses.ts";
import { bootDyno } from "../bootstrap.ts";
import { containersOf, lastWords, startDyno } from "../first-dynos.ts";
import { done, type Kind, missing } from "../runner.ts";
import { idFor } from "../secrets.ts";
import { readBootstrap } from "../slug-a.ts";
import { untilWorks } from "../waiting.ts";
import type { World } from "../world.ts";

type App = "postgres" | "registry";

/** A dyno that must run before there is a runtime to start it. */
export const dyno: Kind<World, { readonly app: App; readonly waitMs: number }> = {
  async check(world, { app }) {
    const running = (await containersOf(world, app)).find((container) => container.state === "running");
    if (running === undefined) return missing("not running");
    const reason = await served(world, app);
    return reason === undefined ? done(`${app}.1`) : missing(reason);
  },
  async act(world, { app, waitMs }) {
    const system = systemAppNamed(app);
    if (system === undefined) throw new Error(`Bug: there is no app ${app}`);
    const running = (await containersOf(world, app)).some((container) => container.state === "running");
    if (!running) {
      const secrets = await world.secrets();
      const made = bootDyno(
        await readBootstrap(world),
        system,
        idFor(secrets, `dyno/${app}.1`),
        new Date(secrets.createdAt),
      );
      await startDyno(world, system, made);
    }
    await untilWorks(
      `${app} did not start`,
      waitMs,
      () => served(world, app),
      async () => {
        const ended = (await containersOf(world, app)).find((container) => container.state === "exited");
        return ended === undefined
          ? undefined
          : `it ended with status ${ended.exitStatus}: ${await lastWords(world, ended.id)}`;
      },
    );
  },
};

/** @returns why it cannot be used yet, or undefined. */
async function served(world: World, app: App): Promise<string | undefined> {
  if (app === "registry") {
    const response = await fetch(`${registryUrl(world.platform)}/v2/`, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? undefined : `it answers ${response.status}`;
  }
  const address = addresses.postgres(world.platform.subnetPrefix);
  if (!(await accepts(address, ports.postgres))) return `nothing listens at ${address}`;
  const { postgresPassword } = await world.secrets();
  await world.withDatabase("postgres", postgresPassword, "postgres", (database) => database.query("select 1"));
  return undefined;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.once("error", () => end(false));
    socket.connect({ host, port }, () => end(true));
  });
}
