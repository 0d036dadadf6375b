import { limits } from "../limits.ts";

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** One request's worth taken from a bucket that refills steadily. Pure: time is an argument. */
export function take(bucket: Bucket | undefined, nowMs: number): { bucket: Bucket; isAllowed: boolean } {
  const before = bucket ?? { tokens: limits.rateTokens, at: nowMs };
  const refilled = before.tokens + (Math.max(0, nowMs - before.at) / 60_000) * limits.rateTokensPerMinute;
  const tokens = Math.min(limits.rateTokens, refilled);
  if (tokens < 1) return { bucket: { tokens, at: nowMs }, isAllowed: false };
  return { bucket: { tokens: tokens - 1, at: nowMs }, isAllowed: true };
}

/** A bucket for each account, the least recently used ones forgotten. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();

  /** @returns requests left, and whether this one may pass. */
  take(accountId: string, nowMs: number): { remaining: number; isAllowed: boolean } {
    const { bucket, isAllowed } = take(this.#buckets.get(accountId), nowMs);
    this.#buckets.delete(accountId);
    this.#buckets.set(accountId, bucket);
    if (this.#buckets.size > limits.rateAccounts) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return { remaining: Math.floor(bucket.tokens), isAllowed };
  }
}
