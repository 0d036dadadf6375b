import type { Layer } from "../../kernel/slug.ts";

/** What the compiler is told: the body of `GET BUILD_URL` (docs/architecture.md, build protocol), or the command line's. */
export interface Instructions {
  readonly id: string;
  readonly appName: string;
  readonly stack: string;
  readonly sourceVersion: string | undefined;
  readonly buildpacks: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Layers that already lie under the build folder, in the order in which the last build named them. */
  readonly deps: readonly Layer[];
  /** The image that already lies under the cache folder. */
  readonly cache: StoredImage | undefined;
  readonly slugBytesMax: number;
}

export interface StoredImage {
  readonly digest: string;
  readonly bytes: number;
}

export interface BuildResult {
  readonly layers: readonly Layer[];
  readonly cache: StoredImage | undefined;
  readonly processTypes: Readonly<Record<string, string>>;
  /** What detection called the app: "Node.js". */
  readonly buildpack: string;
  readonly notes: readonly string[];
}

/** What the platform did with a result. */
export interface Released {
  readonly version: number;
  readonly webUrl: string;
  readonly isPromotion: boolean;
}

/** Where work comes from and goes to: the platform's API, or files (stage 0). */
export interface Job {
  instructions(): Promise<Instructions>;
  /** The source as tar or tar.gz. */
  source(): Promise<AsyncIterable<Buffer>>;
  /** Stores an image file unless it is stored already. The file may be moved away. */
  store(image: StoredImage, kind: "slug" | "cache", path: string): Promise<void>;
  /** @returns undefined where nothing is released (stage 0). */
  succeed(result: BuildResult): Promise<Released | undefined>;
  fail(message: string): Promise<void>;
}
