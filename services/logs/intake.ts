import type { IncomingMessage } from "node:http";
import { Problem } from "../kernel/problem.ts";
import type { AppChannels } from "./app-channels.ts";
import type { BuildOutputs } from "./build-outputs.ts";
import { type Entry, parseEntry } from "./entry.ts";
import type { Limits } from "./limits.ts";
import { safeLines } from "./safe-lines.ts";

/** How many lines of an intake body were taken, and how many refused for which reason. */
export interface Receipt {
  readonly taken: number;
  readonly refused: ReadonlyMap<string, number>;
}

/** Takes what it understands of an intake body, line by line: one bad line costs no other. @param now milliseconds since 1970 */
export function takeBody(
  body: string,
  channels: { readonly apps: AppChannels; readonly builds: BuildOutputs },
  limits: Limits,
  now: number,
): Receipt {
  const refused = new Map<string, number>();
  let taken = 0;
  for (const json of body.split("\n")) {
    if (json.trim() === "") continue;
    const entry = parseEntry(json);
    const because = entry.kind === "refused" ? entry.because : keep(entry, channels, limits, now);
    if (because === undefined) taken++;
    else refused.set(because, (refused.get(because) ?? 0) + 1);
  }
  return { taken, refused };
}

/** @returns why it was not kept, if so. */
function keep(
  entry: Entry,
  { apps, builds }: { readonly apps: AppChannels; readonly builds: BuildOutputs },
  limits: Limits,
  now: number,
): string | undefined {
  switch (entry.kind) {
    case "app": {
      const { at, source, process } = entry;
      for (const line of safeLines(entry.message, limits.lineBytesMax)) {
        apps.push(entry.appId, { source, process, at, text: `${at} ${source}[${process}]: ${line}` }, now);
      }
      return undefined;
    }
    case "build": {
      const lines = safeLines(entry.message, limits.lineBytesMax);
      return lines.every((line) => builds.push(entry.buildId, line, now)) ? undefined : "the build's output had ended";
    }
    case "build-end":
      builds.end(entry.buildId, now);
      return undefined;
  }
}

/** @throws Problem payload_too_large, bad_request when the body is cut short. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  const tooLarge = () =>
    new Problem("payload_too_large", `Cannot take the lines: a body has at most ${bytesMax} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw tooLarge();
  // The connection must outlive a refused body, to carry the answer.
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem("bad_request", "Cannot take the lines: the body was cut short", { cause });
  }
  return Buffer.concat(chunks).toString("utf8");
}
