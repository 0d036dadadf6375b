import { readFile, stat } from "node:fs/promises";
import { layerPaths } from "../kernel/dyno/paths.ts";
import { dataPaths, type Platform } from "../kernel/platform.ts";
import { isDigest, type Layer } from "../kernel/slug.ts";
import { type Bootstrap, planBootstrap, type SlugA } from "./bootstrap.ts";
import { readCertificate } from "./kinds/certificate.ts";
import { writePrivate } from "./secrets.ts";
import type { World } from "./world.ts";

const slugPath = (platform: Platform) => `${dataPaths.runtime(platform.dataDir)}/slug-a.json`;

/** @returns slug A as stage 0 left it, or undefined when it, or a file of it, is not there. */
export async function readSlugA(platform: Platform): Promise<SlugA | undefined> {
  const text = await readFile(slugPath(platform), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const slug = JSON.parse(text) as SlugA;
  for (const layer of slug.layers) {
    const found = await stat(layerPaths(platform.dataDir, layer.digest).file).catch(() => undefined);
    if (found?.size !== layer.bytes) return undefined;
  }
  return slug;
}

export async function writeSlugA(platform: Platform, slug: SlugA): Promise<void> {
  await writePrivate(slugPath(platform), `${JSON.stringify(slug, null, 2)}\n`);
}

/** What the compiler wrote as slug.json, checked: its names become paths. @throws Error when it is not a slug. */
export function parseCompiled(text: string, commit: string): SlugA {
  const body = JSON.parse(text) as { stack?: unknown; layers?: unknown; processTypes?: unknown };
  const layers = Array.isArray(body.layers) ? body.layers.flatMap((layer) => parseLayer(layer) ?? []) : [];
  const types = Object.entries((body.processTypes ?? {}) as Record<string, unknown>);
  if (
    typeof body.stack !== "string" ||
    !Array.isArray(body.layers) ||
    layers.length === 0 ||
    layers.length !== body.layers.length ||
    types.some(([, command]) => typeof command !== "string")
  )
    throw new Error("Bug: the compiler's slug.json is not a slug");
  return { commit, stack: body.stack, layers, processTypes: Object.fromEntries(types) as Record<string, string> };
}

function parseLayer(value: unknown): Layer | undefined {
  const { digest, bytes, kind } = (value ?? {}) as Partial<Layer>;
  if (
    typeof digest !== "string" ||
    !isDigest(digest) ||
    typeof bytes !== "number" ||
    (kind !== "deps" && kind !== "app")
  )
    return undefined;
  return { digest, bytes, kind };
}

/** The plan of the first registration, from what the steps before have left. */
export async function readBootstrap(world: World): Promise<Bootstrap> {
  const slug = await readSlugA(world.platform);
  if (slug === undefined) throw new Error("Bug: slug A is not there yet");
  return planBootstrap(world.platform, await world.secrets(), await readCertificate(world.platform), slug);
}
