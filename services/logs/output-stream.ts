import type { ServerResponse } from "node:http";
import { type BuildOutput, BuildReader } from "./build-output.ts";
import type { Limits } from "./limits.ts";
import { send } from "./stream.ts";

/**
 * Sends a build's output from its first line to its end. The head goes out at once, before the build has begun, as a proxy
 * between gives a response some 30 seconds to begin.
 */
export async function streamOutput(options: {
  readonly response: ServerResponse;
  readonly output: BuildOutput;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly stopping: AbortSignal;
}): Promise<void> {
  const { response, output, limits, now, stopping } = options;
  const reader = new BuildReader(output);
  const leave = () => reader.close();
  response.once("close", leave);
  stopping.addEventListener("abort", leave);
  const giveUpAt = now().getTime() + limits.buildWaitMs;
  try {
    response.writeHead(200, {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "private, no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    for (;;) {
      const text = reader.take(limits.writeBytesMax);
      if (text !== "") {
        if (!(await send(response, text, limits.stallMs))) return;
        continue;
      }
      if (output.hasEnded || stopping.aborted) break;
      const waitMs = output.hasBegun ? limits.keepaliveMs : Math.min(limits.keepaliveMs, giveUpAt - now().getTime());
      if (waitMs <= 0) {
        await send(
          response,
          " !     There is no output of this build, and none came while we waited.\n",
          limits.stallMs,
        );
        break;
      }
      const isWoken = await reader.wake.sleep(waitMs);
      if (response.destroyed) return;
      // Terminals show nothing for it.
      if (!isWoken && !(await send(response, "\0", limits.stallMs))) return;
    }
    response.end();
  } finally {
    response.off("close", leave);
    stopping.removeEventListener("abort", leave);
    reader.close();
  }
}
