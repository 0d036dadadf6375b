import type { ContainerFact } from "../kernel/engine/port.ts";
import { labels } from "../kernel/platform.ts";

/** Containers to stop together, and how long they get to do it. */
export interface Wave {
  readonly what: string;
  readonly containers: readonly ContainerFact[];
  readonly graceMs: number;
}

/**
 * The order of going: first who would start others again, then who takes requests, then everybody's apps, then what the
 * platform's parts lean on, and the networks of all of them last. First match wins.
 */
const waves: readonly {
  readonly what: string;
  readonly graceMs: number;
  readonly holds: (container: ContainerFact) => boolean;
}[] = [
  { what: "the seed's compiler", graceMs: 0, holds: (container) => container.labels[labels.kind] === "stage-0" },
  { what: "runtime", graceMs: 15_000, holds: (container) => appOf(container) === "runtime" },
  { what: "router", graceMs: 10_000, holds: (container) => appOf(container) === "router" },
  { what: "networks", graceMs: 0, holds: (container) => container.labels[labels.kind] !== "dyno" },
  { what: "registry", graceMs: 15_000, holds: (container) => appOf(container) === "registry" },
  { what: "postgres", graceMs: 30_000, holds: (container) => appOf(container) === "postgres" },
  { what: "dynos", graceMs: 10_000, holds: () => true },
];

const order = ["the seed's compiler", "runtime", "router", "dynos", "registry", "postgres", "networks"];

/** @returns the waves that hold somebody, in order; every container is in one. */
export function planDown(containers: readonly ContainerFact[]): Wave[] {
  const filled = waves.map(({ what, graceMs }) => ({ what, graceMs, containers: [] as ContainerFact[] }));
  for (const container of containers) {
    const index = waves.findIndex((wave) => wave.holds(container));
    filled[index]?.containers.push(container);
  }
  return filled
    .filter((wave) => wave.containers.length > 0)
    .sort((a, b) => order.indexOf(a.what) - order.indexOf(b.what));
}

function appOf(container: ContainerFact): string | undefined {
  return container.labels[labels.kind] === "dyno" ? container.labels[labels.appName] : undefined;
}
