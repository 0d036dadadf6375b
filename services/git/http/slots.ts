import { Problem } from "../../kernel/problem.ts";

/** At most so many at a time, and a short line of those who wait; the rest are told to come back. */
export interface Slots {
  /**
   * Runs `work` when a slot is free.
   * @param key whose it is: one of them cannot have all the slots.
   * @throws Problem service_unavailable when the line is full or the wait too long; rate_limit when the key has its share.
   */
  hold<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Turned away since the start. */
  readonly refused: number;
}

/**
 * @param share how many one key may have, running and waiting together.
 * @param waitMs how long one may stand in the line, which is four times as long as there are slots.
 */
export function createSlots(count: number, share: number, waitMs: number): Slots {
  const line: (() => void)[] = [];
  const held = new Map<string, number>();
  let free = count;
  let refused = 0;

  const take = async (): Promise<void> => {
    if (free > 0) {
      free -= 1;
      return;
    }
    if (line.length >= count * 4) throw busy();
    await new Promise<void>((resolve, reject) => {
      const entry = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(entry), 1);
        reject(busy());
      }, waitMs);
      line.push(entry);
    });
  };
  const busy = () => {
    refused += 1;
    return new Problem("service_unavailable", "Too many pushes and fetches are running: try again in a minute");
  };
  const give = () => {
    // Handed on without being freed in between, so nobody can slip in before the first of the line.
    const next = line.shift();
    if (next === undefined) free += 1;
    else next();
  };

  return {
    async hold(key, work) {
      const mine = held.get(key) ?? 0;
      if (mine >= share) {
        refused += 1;
        throw new Problem(
          "rate_limit",
          `${share} requests of this kind are running for the app: wait until one has ended`,
        );
      }
      held.set(key, mine + 1);
      try {
        await take();
        try {
          return await work();
        } finally {
          give();
        }
      } finally {
        const left = (held.get(key) ?? 1) - 1;
        if (left === 0) held.delete(key);
        else held.set(key, left);
      }
    },
    get refused() {
      return refused;
    },
  };
}
