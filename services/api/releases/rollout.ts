/** How far the dynos of a release are; an extension of ours (`GET /apps/:a/releases/:r/rollout`). */
export interface Rollout {
  readonly status: "up" | "pending" | "crashed" | "none";
  readonly message: string;
}

export interface RolloutFacts {
  readonly release: { readonly version: number; readonly types: readonly string[] };
  readonly formation: readonly { readonly type: string; readonly quantity: number }[];
  readonly dynos: readonly {
    readonly name: string;
    readonly type: string;
    readonly releaseVersion: number;
    readonly state: string;
    readonly exitReason: string | null;
  }[];
}

/** Up beats crashed: a dyno that crashed once and came back is up. A newer release's dyno is as good. */
export function rolloutOf({ release, formation, dynos }: RolloutFacts): Rollout {
  const wanted = formation.filter(({ type, quantity }) => quantity > 0 && release.types.includes(type));
  if (wanted.length === 0) return { status: "none", message: "No dynos to start" };
  const upOf = (type: string) =>
    dynos.filter((dyno) => dyno.type === type && dyno.state === "up" && dyno.releaseVersion >= release.version).length;
  const missing = wanted.filter(({ type, quantity }) => upOf(type) < quantity);
  if (missing.length === 0) return { status: "up", message: `Up: ${wanted.map(({ type }) => type).join(", ")}` };
  const crashed = dynos.find(
    (dyno) =>
      dyno.state === "crashed" &&
      dyno.releaseVersion === release.version &&
      wanted.some(({ type }) => type === dyno.type),
  );
  if (crashed !== undefined) {
    return {
      status: "crashed",
      message: `${crashed.name} crashed${crashed.exitReason === null ? "" : `: ${crashed.exitReason}`}`,
    };
  }
  const progress = missing.map(({ type, quantity }) => `${type} ${upOf(type)} of ${quantity}`);
  return { status: "pending", message: `Starting: ${progress.join(", ")}` };
}
