import { setTimeout as pause } from "node:timers/promises";
import { sentence } from "../kernel/problem.ts";

/**
 * Tries until it works. @param attempt returns undefined when it has worked, else why not yet (thrown errors count as that).
 * @param giveUp asked after each failed try: a reason to wait no longer, or undefined.
 * @throws Error with the last reason when `limitMs` is over.
 */
export async function untilWorks(
  what: string,
  limitMs: number,
  attempt: () => Promise<string | undefined>,
  giveUp: () => Promise<string | undefined> = async () => undefined,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 1.5, 1_000)) {
    const reason = await attempt().catch((error: unknown) => sentence(error));
    if (reason === undefined) return;
    const hopeless = await giveUp();
    if (hopeless !== undefined) throw new Error(`${what}: ${hopeless}`);
    if (Date.now() + waitMs > deadline)
      throw new Error(`${what}: not within ${Math.round(limitMs / 1000)} s; the last reason was: ${reason}`);
    await pause(waitMs);
  }
}
