import type { FormationEntry } from "../formation/plan.ts";

/** A row of `dynos`, which only the runtime writes. */
export interface Dyno {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly command: string;
  readonly size: string;
  readonly state: string;
  readonly releaseId: string;
  readonly releaseVersion: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * The dynos people are shown: of each place in the formation the newest one, crashed ones too; old ones on their way out are not.
 * Anything else (a one-off) is shown while it runs. By type, then number.
 */
export function visibleDynos(dynos: readonly Dyno[], formation: readonly FormationEntry[]): Dyno[] {
  const newest = new Map<string, Dyno>();
  for (const dyno of dynos) {
    const other = newest.get(dyno.name);
    if (other === undefined || other.createdAt < dyno.createdAt) newest.set(dyno.name, dyno);
  }
  const quantities = new Map(formation.map(({ type, quantity }) => [type, quantity]));
  return [...newest.values()]
    .filter((dyno) => {
      if (dyno.state === "starting" || dyno.state === "up") return true;
      return dyno.state === "crashed" && numberOf(dyno) <= (quantities.get(dyno.type) ?? 0);
    })
    .sort((a, b) => (a.type === b.type ? numberOf(a) - numberOf(b) : a.type < b.type ? -1 : 1));
}

function numberOf(dyno: Dyno): number {
  return Number(dyno.name.slice(dyno.name.lastIndexOf(".") + 1));
}
