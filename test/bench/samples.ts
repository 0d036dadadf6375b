/** Times of one thing, in milliseconds (or whatever the unit of the section is), in the order they were taken. */
export type Samples = readonly number[];

/** One thing that is measured, again and again. */
export interface Candidate {
  readonly name: string;
  /** @returns the measured value. Whatever it prepares or clears away is its own business and not counted. */
  measure(round: number): Promise<number>;
}

export interface Measured {
  readonly name: string;
  readonly samples: Samples;
}

/**
 * Measures all candidates in each round, every second round backwards: what the machine does meanwhile hits each alike, and none
 * profits from coming after another.
 */
export async function alternate(
  candidates: readonly Candidate[],
  rounds: number,
  tell: (name: string, round: number, value: number) => void = () => {},
): Promise<Measured[]> {
  const samples = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed()) {
      const value = await candidate.measure(round);
      samples.get(candidate.name)?.push(value);
      tell(candidate.name, round, value);
    }
  }
  return candidates.map(({ name }) => ({ name, samples: samples.get(name) ?? [] }));
}

/** @throws Error without samples. */
export function median(samples: Samples): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error("Cannot tell the median of nothing");
  return (upper + lower) / 2;
}

/** How many times the other it is: of the medians, and the smallest and largest of the rounds' own. */
export function ratio(ours: Samples, other: Samples): { of: number; least: number; most: number } {
  const each = ours.flatMap((value, round) => {
    const against = other[round];
    return against === undefined ? [] : [value / against];
  });
  return { of: median(ours) / median(other), least: Math.min(...each), most: Math.max(...each) };
}
