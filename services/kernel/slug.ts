import { createHash } from "node:crypto";

/** A read-only image file of a slug: squashfs, zstd level 3. The digest is of the file's bytes. */
export interface Layer {
  /** `sha256:<64 hex>` */
  readonly digest: string;
  readonly bytes: number;
  /** "deps" is reused while the dependencies are the same; "app" is the rest; at run time app lies over deps. */
  readonly kind: "deps" | "app";
}

/** What the compiler makes: files for /app (layers, the lowest first) and the commands that can be run in them. */
export interface SlugContent {
  readonly stack: string;
  readonly layers: readonly Layer[];
  /** Process type → command, as in a Procfile. */
  readonly processTypes: Readonly<Record<string, string>>;
}

export const layerMediaType = "application/vnd.quine.slug.layer.v1.squashfs";
export const configMediaType = "application/vnd.quine.slug.config.v1+json";
export const manifestMediaType = "application/vnd.oci.image.manifest.v1+json";

/** The two JSON documents that make a slug an OCI artifact. Their bytes are a function of the content alone: that is the fixpoint's digest. */
export function slugManifest(content: SlugContent): { config: string; manifest: string; digest: string } {
  const processTypes = Object.fromEntries(Object.entries(content.processTypes).sort(([a], [b]) => (a < b ? -1 : 1)));
  const config = JSON.stringify({ stack: content.stack, process_types: processTypes });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: { mediaType: configMediaType, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers: content.layers.map((layer) => ({
      mediaType: layerMediaType,
      digest: layer.digest,
      size: layer.bytes,
      annotations: { "dev.quine.layer.kind": layer.kind },
    })),
  });
  return { config, manifest, digest: digestOf(manifest) };
}

/** `sha256:<hex>` of bytes or text, as OCI writes digests. */
export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
