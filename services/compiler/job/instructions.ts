import { isDigest, type Layer } from "../../kernel/slug.ts";
import type { Instructions, Released, StoredImage } from "./job.ts";

/** @throws Error when the API says something that the build protocol does not. */
export function parseInstructions(document: unknown): Instructions {
  const body = record(document, "the instructions");
  const app = record(body.app, "app");
  return {
    id: text(body.id, "id"),
    appName: text(app.name, "app.name"),
    stack: text(body.stack, "stack"),
    sourceVersion:
      body.source_version === null || body.source_version === undefined
        ? undefined
        : text(body.source_version, "source_version"),
    buildpacks: list(body.buildpacks, "buildpacks").map((url) => text(url, "buildpacks[]")),
    env: Object.fromEntries(
      Object.entries(record(body.env, "env")).map(([name, value]) => [name, anyText(value, `env.${name}`)]),
    ),
    deps: list(body.deps, "deps").map((layer) => parseLayer(layer)),
    cache: body.cache === null || body.cache === undefined ? undefined : parseImage(body.cache, "cache"),
    slugBytesMax: bytes(body.slug_bytes_max, "slug_bytes_max"),
  };
}

/** The answer to a succeeded result. */
export function parseReleased(document: unknown): Released {
  const body = record(document, "the answer to the result");
  return {
    version: bytes(body.version, "version"),
    webUrl: text(body.web_url, "web_url"),
    isPromotion: body.promotion === true,
  };
}

function parseLayer(value: unknown): Layer {
  const layer = record(value, "deps[]");
  if (layer.kind !== "deps") throw unexpected("deps[].kind");
  return { ...parseImage(layer, "deps[]"), kind: "deps" };
}

function parseImage(value: unknown, name: string): StoredImage {
  const image = record(value, name);
  const digest = text(image.digest, `${name}.digest`);
  if (!isDigest(digest)) throw unexpected(`${name}.digest`);
  return { digest, bytes: bytes(image.bytes, `${name}.bytes`) };
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected(name);
  return value as Record<string, unknown>;
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value) || value.length > 100) throw unexpected(name);
  return value;
}

function text(value: unknown, name: string): string {
  if (typeof value !== "string" || value === "") throw unexpected(name);
  return value;
}

function anyText(value: unknown, name: string): string {
  if (typeof value !== "string") throw unexpected(name);
  return value;
}

function bytes(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw unexpected(name);
  return value;
}

function unexpected(name: string): Error {
  return new Error(`Cannot understand the API: ${name} is not what the build protocol says`);
}
