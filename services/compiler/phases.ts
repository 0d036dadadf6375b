/** How long each part of a build took, for the build's notes: what is slow is seen without a profiler. */
export interface Phases {
  /** Runs the work and adds its time to the phase of that name; failures count as well. */
  measure<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** `["source 12 ms", …]`, in the order in which they first began. */
  notes(): string[];
}

export function createPhases(now: () => number): Phases {
  const spent = new Map<string, number>();
  return {
    async measure(name, work) {
      const begunAt = now();
      spent.set(name, spent.get(name) ?? 0);
      try {
        return await work();
      } finally {
        spent.set(name, (spent.get(name) ?? 0) + now() - begunAt);
      }
    },
    notes: () => [...spent].map(([name, elapsedMs]) => `${name} ${Math.round(elapsedMs)} ms`),
  };
}
