import type { DesiredApp, DesiredOneOff, DesiredRelease } from "../../services/kernel/desired.ts";
import { type ActualDyno, typeOf, type World } from "../../services/runtime/world.ts";

/** Builders of worlds for the planner's tests: each names only what its test is about. */

export const noon = new Date("2026-01-01T12:00:00Z");
export const at = (seconds: number): Date => new Date(noon.getTime() + seconds * 1000);

export function release(version: number, over: Partial<DesiredRelease> = {}): DesiredRelease {
  return {
    id: `release-${version}`,
    version,
    createdAt: noon.toISOString(),
    description: `Deploy ${version}`,
    layers: [],
    processTypes: { web: "node web.js", worker: "node worker.js", postgres: "run" },
    config: {},
    ...over,
  };
}

export function app(over: Partial<DesiredApp> = {}): DesiredApp {
  return {
    id: "app-1",
    name: "hello",
    system: false,
    release: release(1),
    formation: [{ type: "web", quantity: 1, size: "basic" }],
    restarts: [],
    ...over,
  };
}

export function dyno(over: Partial<ActualDyno> = {}): ActualDyno {
  const name = over.name ?? "web.1";
  const version = over.releaseVersion ?? 1;
  const id = over.id ?? `dyno-${name}-v${version}`;
  return {
    id,
    containerId: `container-${id}`,
    appId: "app-1",
    appName: "hello",
    name,
    type: typeOf(name),
    releaseId: `release-${version}`,
    releaseVersion: version,
    sandboxId: "sandbox",
    port: 5000,
    address: "10.0.0.9",
    layerHexes: [],
    createdAt: noon,
    state: "up",
    startedAt: noon,
    watchedSince: noon,
    exitStatus: undefined,
    isOutOfMemory: false,
    isStranded: false,
    stoppingSince: undefined,
    ...over,
  };
}

export function oneOff(over: Partial<DesiredOneOff> = {}): DesiredOneOff {
  return {
    id: "run-1",
    appId: "app-1",
    appName: "hello",
    name: "run.1234",
    type: "run",
    command: "bash",
    size: "basic",
    release: release(1),
    env: {},
    buildLayers: [],
    logChannel: "app:app-1",
    timeLimitSeconds: 60,
    stopRequested: false,
    started: false,
    ...over,
  };
}

export function world(
  over: Partial<World> = {},
  apps: readonly DesiredApp[] = [app()],
  oneOffs: readonly DesiredOneOff[] = [],
): World {
  return {
    desired: { apps, oneOffs },
    dynos: [],
    crashes: new Map(),
    busy: new Set(),
    endedOneOffs: new Set(),
    selfId: "self",
    ...over,
  };
}
