import type { Engine } from "../kernel/engine/port.ts";
import type { Logger } from "../kernel/log.ts";
import type { Platform } from "../kernel/platform.ts";
import type { Seal } from "../kernel/seal.ts";
import type { Disks } from "./disks.ts";
import { type Forwarder, stamp } from "./forward.ts";
import type { LayerStore } from "./layers.ts";
import type { Limits } from "./limits.ts";
import type { RuntimeMemory } from "./memory.ts";
import type { Outputs, OutputTarget } from "./output.ts";
import type { Records } from "./records.ts";
import type { Sandboxes } from "./sandboxes.ts";

/** All that a step may touch. */
export interface Hands {
  readonly engine: Engine;
  readonly platform: Platform;
  readonly layers: LayerStore;
  readonly sandboxes: Sandboxes;
  readonly disks: Disks;
  readonly records: Records;
  readonly outputs: Outputs;
  readonly forwarder: Forwarder;
  readonly memory: RuntimeMemory;
  readonly limits: Limits;
  readonly seal: Seal;
  readonly log: Logger;
  /** Opens the firewall for a dyno of the platform before it starts. */
  admit(appName: string, address: string): Promise<void>;
  /** Where the output of a dyno goes. */
  targetOf(dyno: { id: string; appId: string; name: string }): OutputTarget;
  /** Id of the app `quine`, whose repository holds the platform's slugs. */
  platformAppId(): string | undefined;
  readonly selfId: string;
  /** The plan wants this very runtime to stop: its successor is up. */
  stepBack(): void;
  now(): Date;
  /** From the moment a dyno leaves the routes to its SIGTERM: routers need it to read the routes again. */
  readonly routeSwitchMs: number;
}

/** A line of the platform's in the app's own log: `heroku[web.1]: …`. */
export function say(
  hands: Pick<Hands, "forwarder" | "now">,
  dyno: { appId: string; name: string },
  line: string,
): void {
  hands.forwarder.push({
    channel: `app:${dyno.appId}`,
    at: stamp(hands.now()),
    source: "heroku",
    process: dyno.name,
    line,
  });
}
