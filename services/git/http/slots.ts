import { Problem } from "../../kernel/problem.ts";

/** At most so many at a time, and a short line of those who wait; the rest are told to come back. */
export interface Slots {
  /** Runs `work` when a slot is free. @throws Problem service_unavailable when the line is full or the wait too long. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Turned away since the start. */
  readonly refused: number;
}

/** @param waitMs how long one may stand in the line, which is four times as long as there are slots. */
export function createSlots(count: number, waitMs: number): Slots {
  const line: (() => void)[] = [];
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
    async hold(work) {
      await take();
      try {
        return await work();
      } finally {
        give();
      }
    },
    get refused() {
      return refused;
    },
  };
}
