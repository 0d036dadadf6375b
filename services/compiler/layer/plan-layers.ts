import type { Layer } from "../../kernel/slug.ts";
import type { Declaration } from "./declaration.ts";

/** How each layer of the slug comes to be, the lowest first. */
export type LayerStep =
  | { readonly kind: "reuse"; readonly name: string; readonly layer: Layer; readonly because: string }
  | { readonly kind: "pack-deps"; readonly name: string; readonly paths: readonly string[]; readonly because: string }
  | { readonly kind: "pack-app"; readonly except: readonly string[]; readonly because: string };

/**
 * A layer is reused when its declaration is what it was, and nothing in it was touched since. The layers of the last build are in
 * the order of their declarations' names, as this plan makes them; where the numbers differ, none can be told from another.
 * @param touched names of declarations in whose paths anything was written during this build.
 */
export function planLayers(facts: {
  readonly before: readonly Declaration[];
  readonly layersBefore: readonly Layer[];
  readonly declared: readonly Declaration[];
  readonly touched: ReadonlySet<string>;
}): LayerStep[] {
  const { touched } = facts;
  const before = sorted(facts.before);
  const layerOf = new Map<string, Layer>();
  if (before.length === facts.layersBefore.length) {
    for (const [index, { name }] of before.entries()) {
      const layer = facts.layersBefore[index];
      if (layer !== undefined) layerOf.set(name, layer);
    }
  }
  const steps = sorted(facts.declared).map((declaration): LayerStep => {
    const { name, paths } = declaration;
    const old = before.find((candidate) => candidate.name === name);
    const layer = layerOf.get(name);
    const pack = (because: string): LayerStep => ({ kind: "pack-deps", name, paths, because });
    if (old === undefined) return pack("there was none");
    if (layer === undefined) return pack("its image is not known");
    if (declaration.key === "") return pack("it has no key");
    if (JSON.stringify(old) !== JSON.stringify(declaration)) return pack("its key or paths changed");
    if (touched.has(name)) return pack("something in it was written");
    return { kind: "reuse", name, layer, because: "nothing changed" };
  });
  return [
    ...steps,
    { kind: "pack-app", except: facts.declared.flatMap(({ paths }) => paths), because: "it is the app" },
  ];
}

/**
 * Whether the paths have to be looked at for writes. Not when all that ran were bundled buildpacks that declare what they declared
 * before: then nothing was installed, and nothing of the app's own ran.
 */
export function needsComparing(facts: {
  readonly before: readonly Declaration[];
  readonly declared: readonly Declaration[];
  readonly isBundled: readonly boolean[];
  /** A buildpack asked for it, as it ran something of the app's. */
  readonly isAsked: boolean;
}): boolean {
  const isSame = JSON.stringify(sorted(facts.before)) === JSON.stringify(sorted(facts.declared));
  if (facts.isAsked) return true;
  return !(isSame && facts.declared.every(({ key }) => key !== "") && facts.isBundled.every((bundled) => bundled));
}

/** Paths of the last build that no buildpack of this one stands for: they leave the build folder. */
export function forsakenPaths(before: readonly Declaration[], declared: readonly Declaration[]): string[] {
  const now = declared.flatMap(({ paths }) => paths);
  const isUsed = (path: string) =>
    now.some((other) => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
  return before.flatMap(({ paths }) => paths).filter((path) => !isUsed(path));
}

function sorted(declarations: readonly Declaration[]): Declaration[] {
  return declarations.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
