import type { Router } from "express";
import { Problem } from "../../kernel/problem.ts";
import type { Size } from "../../kernel/sizes.ts";
import { findApp } from "../apps/store.ts";
import { handle, handleList } from "../http/handle.ts";
import type { Parts } from "../parts.ts";
import { constantId } from "../present.ts";
import { defaultStack, dynoSizes, region, type StackReference, since, sizeTitle } from "./constants.ts";

const named = { name: (thing: { name: string }) => thing.name };

/** Stacks, regions and dyno sizes. */
export function catalogueRoutes(router: Router, parts: Parts): void {
  router.get(
    "/stacks",
    handleList(named, async () => ({ rows: [defaultStack], present: presentStack })),
  );
  router.get(
    "/stacks/:id",
    handle(200, async ({ path }) => presentStack(pick([defaultStack], path.id, "stack"))),
  );
  router.get(
    "/apps/:app/available-stacks",
    handleList(named, async ({ account, path }) => {
      await findApp(parts.database, account, path.app ?? "", "see");
      return { rows: [defaultStack], present: presentStack };
    }),
  );
  router.get(
    "/regions",
    handleList(named, async () => ({ rows: [region], present: presentRegion })),
  );
  router.get(
    "/regions/:id",
    handle(200, async ({ path }) => presentRegion(pick([region], path.id, "region"))),
  );
  router.get(
    "/dyno-sizes",
    handleList(named, async () => ({ rows: dynoSizes, present: presentSize })),
  );
  router.get(
    "/dyno-sizes/:id",
    handle(200, async ({ path }) => {
      const size = dynoSizes.find(
        ({ name }) => name === path.id?.toLowerCase() || constantId("dyno-size", name) === path.id,
      );
      if (size === undefined) throw notFound("dyno size");
      return presentSize(size);
    }),
  );
}

function pick<T extends { readonly id: string; readonly name: string }>(
  things: readonly T[],
  nameOrId: string | undefined,
  noun: string,
): T {
  const found = things.find((thing) => thing.id === nameOrId || thing.name === nameOrId);
  if (found === undefined) throw notFound(noun);
  return found;
}

function notFound(noun: string): Problem {
  return new Problem("not_found", `Couldn't find that ${noun}.`, { resource: noun.replace(" ", "_") });
}

function presentStack(stack: StackReference): Record<string, unknown> {
  return { created_at: since, default: true, id: stack.id, name: stack.name, state: "public", updated_at: since };
}

function presentRegion({ id, name }: { id: string; name: string }): Record<string, unknown> {
  return {
    country: "Local",
    created_at: since,
    description: "This machine",
    id,
    locale: "Local",
    name,
    private_capable: false,
    // A field whose values the Platform API's schema enumerates: its first region stands for ours.
    provider: { name: "quine", region: "us-east-1" },
    updated_at: since,
  };
}

function presentSize(size: Size): Record<string, unknown> {
  return {
    architecture: "amd64",
    can_autoscale: false,
    compute: size.cpuShares / 256,
    cost: null,
    dedicated: size.name.startsWith("performance"),
    generation: { id: constantId("generation", "cedar"), name: "cedar" },
    id: constantId("dyno-size", size.name),
    infrastructure_tier: size.name.startsWith("performance") ? "performance" : "production",
    memory: size.memoryBytes / 1024 ** 3,
    name: sizeTitle(size.name),
    precise_dyno_units: size.cpuShares / 256,
    private_space_only: false,
    product_dyno_tier: size.name.split("-")[0],
  };
}
