import type { Fields } from "./fields.ts";

/** How many of the dynos that count are up with that release or a newer one. Dynos of the release phase never count, one-offs if asked. */
export function waitedFor(
  dynos: readonly Fields[],
  version: number,
  wanted: { readonly type: string | undefined; readonly isWithRun: boolean },
): { readonly ready: number; readonly all: number } {
  const counted = dynos.filter((dyno) => {
    const type = dyno.text("type");
    if (type === "release" || (type === "run" && !wanted.isWithRun)) return false;
    return wanted.type === undefined || wanted.type === type;
  });
  const ready = counted.filter(
    (dyno) => dyno.text("state") === "up" && (dyno.inner("release")?.number("version") ?? 0) >= version,
  );
  return { ready: ready.length, all: counted.length };
}
