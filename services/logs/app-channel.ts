import { type Filter, matches } from "./filter.ts";
import type { Line, Ring } from "./ring.ts";
import { Wake } from "./wake.ts";

export interface Loss {
  readonly count: number;
  /** When the first of them was written. */
  readonly since: string;
}

/** What a reader takes at one time: first what it lost, then the lines after the gap. */
export interface Taken {
  readonly loss: Loss | undefined;
  readonly lines: readonly { readonly position: number; readonly line: Line }[];
  /** True when there was nothing to look at. */
  readonly isEmpty: boolean;
}

/** One app's lines and who reads them. */
export class AppChannel {
  readonly ring: Ring;
  readonly readers = new Set<AppReader>();

  constructor(ring: Ring) {
    this.ring = ring;
  }

  push(line: Line): void {
    this.#tellDropped(this.ring.push(line));
    for (const reader of this.readers) reader.wake.wake();
  }

  halve(): void {
    this.#tellDropped(this.ring.halve());
  }

  #tellDropped(dropped: readonly Line[]): void {
    for (const [index, line] of dropped.entries()) {
      const position = this.ring.first - dropped.length + index;
      for (const reader of this.readers) reader.dropped(position, line);
    }
  }
}

/** A place in a channel. It holds no lines: one that is slow loses what the ring loses, and counts it. */
export class AppReader {
  readonly wake = new Wake();
  readonly #channel: AppChannel;
  readonly #filter: Filter;
  #position: number;
  #loss: Loss | undefined;

  /** @param position where to begin; what the ring once had from there on and no longer has counts as lost. */
  constructor(channel: AppChannel, filter: Filter, position: number) {
    const { ring } = channel;
    this.#channel = channel;
    this.#filter = filter;
    this.#position = Math.min(Math.max(position, ring.first), ring.next);
    const missed = ring.first - Math.max(position, ring.base);
    const oldest = ring.at(ring.first);
    if (missed > 0 && oldest !== undefined) this.#loss = { count: missed, since: oldest.at };
    channel.readers.add(this);
  }

  close(): void {
    this.#channel.readers.delete(this);
    this.wake.wake();
  }

  /** Called before the ring's first line moves past `position`. */
  dropped(position: number, line: Line): void {
    if (position < this.#position) return;
    this.#position = position + 1;
    if (matches(this.#filter, line)) {
      this.#loss = { count: (this.#loss?.count ?? 0) + 1, since: this.#loss?.since ?? line.at };
    }
  }

  /** @returns lines of about `bytesMax` bytes, not beyond position `until` (exclusive). */
  take(bytesMax: number, until = Number.POSITIVE_INFINITY): Taken {
    const loss = this.#loss;
    this.#loss = undefined;
    const lines: { position: number; line: Line }[] = [];
    const start = this.#position;
    for (let bytes = 0; bytes < bytesMax && this.#position < until; this.#position++) {
      const line = this.#channel.ring.at(this.#position);
      if (line === undefined) break;
      if (!matches(this.#filter, line)) continue;
      lines.push({ position: this.#position, line });
      bytes += line.text.length;
    }
    return { loss, lines, isEmpty: loss === undefined && this.#position === start };
  }
}

/** The position from which `count` lines match up to the newest. */
export function positionOfLast(ring: Ring, filter: Filter, count: number): number {
  let position = ring.next;
  for (let found = 0; position > ring.first && found < count; position--) {
    const line = ring.at(position - 1);
    if (line !== undefined && matches(filter, line)) found++;
  }
  return position;
}
