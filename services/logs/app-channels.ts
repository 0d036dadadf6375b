import { AppChannel } from "./app-channel.ts";
import type { Limits } from "./limits.ts";
import { type Line, Ring } from "./ring.ts";

/**
 * The channels of all apps within one amount of memory. When it is used up the biggest channel loses its older half: the app
 * that writes most pays, and a quiet app keeps its lines. When there are too many channels the one written longest ago goes.
 */
export class AppChannels {
  readonly #limits: Limits;
  /** In the order of the last write, the longest ago first. */
  readonly #channels = new Map<string, { readonly channel: AppChannel; touchedAt: number }>();
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param now milliseconds since 1970 */
  push(appId: string, line: Line, now: number): void {
    const channel = this.open(appId, now);
    const before = channel.ring.bytes;
    channel.push(line);
    this.#bytes += channel.ring.bytes - before;
    this.#channels.delete(appId);
    this.#channels.set(appId, { channel, touchedAt: now });
    if (this.#bytes > this.#limits.bytesOfAppsMax) this.#halveBiggest();
  }

  /** The channel of an app; an empty one if nothing was ever written. */
  open(appId: string, now: number): AppChannel {
    const known = this.#channels.get(appId);
    if (known !== undefined) return known.channel;
    // Positions begin at the microsecond: those of a channel that was forgotten, or of an earlier process, are all smaller.
    const ring = new Ring(now * 1000, this.#limits.linesPerAppMax, this.#limits.bytesPerAppMax);
    const channel = new AppChannel(ring);
    this.#channels.set(appId, { channel, touchedAt: now });
    for (const [id, { channel: oldest }] of this.#channels) {
      if (this.#channels.size <= this.#limits.appsMax) break;
      if (oldest.readers.size === 0 && id !== appId) this.#forget(id, oldest);
    }
    return channel;
  }

  /** Forgets channels nobody wrote to for long. */
  sweep(now: number): void {
    for (const [id, { channel, touchedAt }] of this.#channels) {
      if (now - touchedAt < this.#limits.appIdleMs) break;
      if (channel.readers.size === 0) this.#forget(id, channel);
    }
  }

  #forget(id: string, channel: AppChannel): void {
    this.#channels.delete(id);
    this.#bytes -= channel.ring.bytes;
  }

  #halveBiggest(): void {
    let biggest: AppChannel | undefined;
    for (const { channel } of this.#channels.values()) {
      if (biggest === undefined || channel.ring.bytes > biggest.ring.bytes) biggest = channel;
    }
    if (biggest === undefined) return;
    const before = biggest.ring.bytes;
    biggest.halve();
    this.#bytes += biggest.ring.bytes - before;
  }
}
