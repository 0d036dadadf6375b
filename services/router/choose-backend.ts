/** What the choice looks at. */
export interface Load {
  /** Requests in flight through this router. */
  readonly inFlight: number;
  /** Time until which new requests should go elsewhere; 0 when there is nothing against it. */
  readonly quarantinedUntilMs: number;
}

/**
 * The one with fewer requests in flight of two random picks: nearly as even as looking at all, without herding.
 * What could not be reached lately is taken only when there is nothing else.
 * @param tried were tried for this request and are not taken again
 * @param chance two numbers from [0, 1)
 */
export function chooseBackend<B extends Load>(
  backends: readonly B[],
  tried: ReadonlySet<B>,
  nowMs: number,
  chance: readonly [number, number],
): B | undefined {
  const untried = tried.size === 0 ? backends : backends.filter((backend) => !tried.has(backend));
  const isSick = (backend: Load) => backend.quarantinedUntilMs > nowMs;
  const healthy = untried.some(isSick) ? untried.filter((backend) => !isSick(backend)) : untried;
  const candidates = healthy.length > 0 ? healthy : untried;
  const first = candidates[Math.floor(chance[0] * candidates.length)];
  if (first === undefined || candidates.length === 1) return first;
  const others = Math.floor(chance[1] * (candidates.length - 1));
  const second = candidates[others >= candidates.indexOf(first) ? others + 1 : others];
  return second !== undefined && second.inFlight < first.inFlight ? second : first;
}
