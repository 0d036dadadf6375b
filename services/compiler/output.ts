/** What the pusher reads, in Heroku's three shapes of line. */
export interface Output {
  /** `-----> A new step` */
  topic(text: string): void;
  /** `       a fact about it` */
  detail(text: string): void;
  /** ` !     something is wrong` */
  warn(text: string): void;
  /** A buildpack's own bytes, as they are; buildpacks indent by themselves. */
  raw(bytes: Uint8Array): void;
}

export function createOutput(write: (bytes: string | Uint8Array) => void): Output {
  return {
    topic: (text) => write(`-----> ${text}\n`),
    detail: (text) => write(`       ${text}\n`),
    warn: (text) => write(` !     ${text}\n`),
    raw: (bytes) => write(bytes),
  };
}

/** `33.1M` of bytes, as the slug compiler of Heroku prints sizes: one decimal, powers of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  if (bytes < 1024 * 1024) return `${trim(bytes / 1024)}K`;
  if (bytes < 1024 ** 3) return `${trim(bytes / 1024 ** 2)}M`;
  return `${trim(bytes / 1024 ** 3)}G`;
}

function trim(amount: number): string {
  return amount.toFixed(1).replace(/\.0$/, "");
}
