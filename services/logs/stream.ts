import { once } from "node:events";
import type { ServerResponse } from "node:http";

/**
 * Writes, and waits until the connection takes more: what a reader does not take stays in the channel, not in our memory.
 * A reader that takes nothing for `stallMs` is cut off.
 * @returns false when the reader is gone.
 */
export async function send(response: ServerResponse, text: string, stallMs: number): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(text)) return true;
  const closed = new AbortController();
  const onClose = () => closed.abort();
  response.once("close", onClose);
  try {
    await once(response, "drain", { signal: AbortSignal.any([closed.signal, AbortSignal.timeout(stallMs)]) });
    return true;
  } catch {
    response.destroy();
    return false;
  } finally {
    response.off("close", onClose);
  }
}
