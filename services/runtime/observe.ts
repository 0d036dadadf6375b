import type { ContainerFact, Engine } from "../kernel/engine/port.ts";
import { labels, type Platform } from "../kernel/platform.ts";
import { type ActualDyno, typeOf } from "./world.ts";

/** What the engine has of the platform. */
export interface Observed {
  readonly dynos: readonly ActualDyno[];
  readonly sandboxes: readonly ContainerFact[];
  readonly ingress: ContainerFact | undefined;
}

/** What the runtime knows and the engine does not: which dynos have proved healthy, and which were asked to stop. */
export interface Memory {
  readonly up: { has(dynoId: string): boolean };
  readonly stopping: ReadonlyMap<string, Date>;
  readonly watched: ReadonlyMap<string, Date>;
}

export async function observe(engine: Engine, platform: Platform, memory: Memory): Promise<Observed> {
  const containers = await engine.listContainers({ [labels.platform]: platform.name });
  const byId = new Map(containers.map((container) => [container.id, container]));
  const kind = (name: string) => containers.filter((container) => container.labels[labels.kind] === name);
  return {
    dynos: kind("dyno").map((container) => presentDyno(container, byId, memory)),
    sandboxes: kind("sandbox"),
    ingress: kind("ingress")[0],
  };
}

function presentDyno(
  container: ContainerFact,
  containers: ReadonlyMap<string, ContainerFact>,
  memory: Memory,
): ActualDyno {
  const label = (name: string) => container.labels[name] ?? "";
  const id = label(labels.dynoId);
  const sandboxId = container.labels[labels.sandbox];
  const sandbox = sandboxId === undefined ? undefined : containers.get(sandboxId);
  const port = container.labels[labels.port];
  return {
    id,
    containerId: container.id,
    appId: label(labels.appId),
    appName: label(labels.appName),
    name: label(labels.dynoName),
    type: typeOf(label(labels.dynoName)),
    releaseId: label(labels.releaseId),
    releaseVersion: Number(label(labels.releaseVersion)),
    sandboxId,
    port: port === undefined ? undefined : Number(port),
    address: sandbox?.address,
    layerHexes: label(labels.layers)
      .split(",")
      .filter((hex) => hex !== ""),
    createdAt: new Date(label(labels.createdAt)),
    state: container.state === "running" ? (memory.up.has(id) ? "up" : "starting") : container.state,
    startedAt: container.startedAt,
    watchedSince: memory.watched.get(id),
    exitStatus: container.exitStatus,
    isOutOfMemory: container.isOutOfMemory,
    isStranded: container.state === "running" && sandboxId !== undefined && isGone(sandbox, container),
    stoppingSince: memory.stopping.get(id),
  };
}

/** A sandbox that started after its dyno is another network than the dyno's. */
function isGone(sandbox: ContainerFact | undefined, dyno: ContainerFact): boolean {
  if (sandbox === undefined || sandbox.state !== "running") return true;
  return (
    sandbox.startedAt !== undefined &&
    dyno.startedAt !== undefined &&
    sandbox.startedAt.getTime() > dyno.startedAt.getTime()
  );
}
