import type { Engine } from "../kernel/engine/port.ts";
import { type Forwarder, stamp } from "./forward.ts";

/** Which channel and process name the lines of a dyno carry. */
export interface OutputTarget {
  readonly channel: string;
  readonly process: string;
  /** Tell the channel when the dyno ends: a build's reader waits for it. */
  readonly endsChannel: boolean;
}

/** Follows the output of every dyno, from where it was left off. */
export interface Outputs {
  /** Fine when it is being followed already. */
  follow(containerId: string, target: OutputTarget): void;
  /** Resolves when the last line of a container that ended has been pushed. */
  ended(containerId: string): Promise<void>;
  stop(): void;
}

export function createOutputs(engine: Engine, forwarder: Forwarder, positions: Map<string, Date>): Outputs {
  const following = new Map<string, Promise<void>>();
  const abort = new AbortController();

  async function run(containerId: string, target: OutputTarget): Promise<void> {
    const since = positions.get(containerId);
    for await (const line of engine.followOutput(containerId, {
      ...(since === undefined ? {} : { since }),
      signal: abort.signal,
    })) {
      positions.set(containerId, line.at);
      forwarder.push({
        channel: target.channel,
        at: stamp(line.at),
        source: "app",
        process: target.process,
        line: line.text,
      });
    }
    if (abort.signal.aborted) return;
    if (target.endsChannel) forwarder.push({ channel: target.channel, end: true });
  }

  return {
    follow(containerId, target) {
      if (following.has(containerId)) return;
      following.set(
        containerId,
        run(containerId, target).catch(() => {}),
      );
    },
    async ended(containerId) {
      await following.get(containerId);
      following.delete(containerId);
      positions.delete(containerId);
    },
    stop: () => abort.abort(),
  };
}
