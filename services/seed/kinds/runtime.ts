import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { DesiredState } from "../../kernel/desired.ts";
import type { Dyno } from "../../kernel/dyno/dyno.ts";
import { createSeal, openAll } from "../../kernel/seal.ts";
import { sizeNamed } from "../../kernel/sizes.ts";
import { systemAppNamed } from "../../kernel/system-apps.ts";
import { containersOf, startDyno } from "../first-dynos.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";
import { desiredPath } from "./register.ts";

/** The last thing the seed starts: from here on the runtime makes the rest, and keeps it. */
export const runtime: Kind<World, Record<never, never>> = {
  async check(world) {
    const running = (await containersOf(world, "runtime")).some((container) => container.state === "running");
    return running ? done("runtime.1") : missing("not running");
  },
  async act(world) {
    const system = systemAppNamed("runtime");
    if (system === undefined) throw new Error("Bug: there is no app runtime");
    const desired = JSON.parse(await readFile(desiredPath(world), "utf8")) as DesiredState;
    await startDyno(world, system, runtimeDyno(desired, (await world.secrets()).sealKey, randomUUID(), new Date()));
  },
};

/** The dyno of the release that the runtime itself was last told to be. */
export function runtimeDyno(desired: DesiredState, sealKey: string, id: string, createdAt: Date): Dyno {
  const app = desired.apps.find((one) => one.system && one.name === "runtime");
  const release = app?.release;
  const command = release?.processTypes.runtime;
  const size = sizeNamed(app?.formation.find(({ type }) => type === "runtime")?.size ?? "system");
  if (app === undefined || release === undefined || command === undefined || size === undefined)
    throw new Error("Cannot start the runtime: desired.json does not say of which release it is");
  return {
    id,
    appId: app.id,
    appName: app.name,
    system: true,
    name: "runtime.1",
    type: "runtime",
    releaseId: release.id,
    releaseVersion: release.version,
    command,
    size,
    layers: release.layers,
    env: openAll(createSeal(sealKey), release.config),
    port: undefined,
    createdAt,
  };
}
