import type { Loss, Taken } from "./app-channel.ts";

/** How a session's lines look on the wire. */
export interface SessionFormat {
  readonly contentType: string;
  /** Sent before any line. */
  readonly opening: string;
  readonly keepalive: string;
  /** @param now for the line that tells of lost ones */
  write(taken: Taken, now: Date): string;
}

export const plainText: SessionFormat = {
  contentType: "text/plain; charset=utf-8",
  opening: "",
  // Terminals show nothing for it.
  keepalive: "\0",
  write: ({ loss, lines }, now) =>
    (loss === undefined ? "" : `${lossLine(loss, now)}\n`) + lines.map(({ line }) => `${line.text}\n`).join(""),
};

/**
 * Server-sent events, one for a line. A client whose session is over would wait three seconds before it looks again (and some
 * wait before they exit); `retry: 1` spares them that. A tailing client should wait, so it gets the default.
 */
export function eventStream(isTail: boolean): SessionFormat {
  return {
    contentType: "text/event-stream",
    opening: isTail ? ": tailing\n\n" : "retry: 1\n",
    keepalive: ": keepalive\n\n",
    write: ({ loss, lines }, now) =>
      (loss === undefined ? "" : `data: ${lossLine(loss, now)}\n\n`) +
      lines.map(({ position, line }) => `id: ${position}\ndata: ${line.text}\n\n`).join(""),
  };
}

function lossLine(loss: Loss, now: Date): string {
  const at = now.toISOString().replace("Z", "000+00:00");
  return `${at} heroku[logplex]: Error L11 (tail buffer overflow): ${loss.count} messages dropped since ${loss.since}.`;
}
