import type { ServerResponse } from "node:http";
import type { AppChannel } from "./app-channel.ts";
import { AppReader, positionOfLast } from "./app-channel.ts";
import type { Limits } from "./limits.ts";
import type { Session } from "./session.ts";
import type { SessionFormat } from "./session-format.ts";
import { send } from "./stream.ts";

/**
 * Sends a session's lines until there are no more (no tail), the reader leaves, or `stopping` aborts; then ends the body cleanly.
 * @param resumeAfter position of the last line the reader has already
 */
export async function streamSession(options: {
  readonly response: ServerResponse;
  readonly channel: AppChannel;
  readonly session: Session;
  readonly format: SessionFormat;
  readonly resumeAfter: number | undefined;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly stopping: AbortSignal;
}): Promise<void> {
  const { response, channel, session, format, limits, now, stopping } = options;
  const from =
    options.resumeAfter === undefined
      ? positionOfLast(channel.ring, session.filter, session.lines)
      : options.resumeAfter + 1;
  const reader = new AppReader(channel, session.filter, from);
  const until = session.isTail ? undefined : channel.ring.next;
  const leave = () => reader.close();
  response.once("close", leave);
  stopping.addEventListener("abort", leave);
  try {
    response.writeHead(200, {
      "content-type": format.contentType,
      "cache-control": "private, no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    if (format.opening !== "" && !(await send(response, format.opening, limits.stallMs))) return;
    for (;;) {
      const taken = reader.take(limits.writeBytesMax, until);
      const text = format.write(taken, now());
      if (text !== "" && !(await send(response, text, limits.stallMs))) return;
      if (!taken.isEmpty) continue;
      if (!session.isTail || stopping.aborted) break;
      const isWoken = await reader.wake.sleep(limits.keepaliveMs);
      if (response.destroyed) return;
      if (!isWoken && !(await send(response, format.keepalive, limits.stallMs))) return;
    }
    // An event needs its blank line even when no line followed the opening.
    response.end(session.isTail || format.contentType === "text/plain; charset=utf-8" ? "" : "\n");
  } finally {
    response.off("close", leave);
    stopping.removeEventListener("abort", leave);
    reader.close();
  }
}
