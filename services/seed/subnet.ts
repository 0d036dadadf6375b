import { createHash } from "node:crypto";
import { Problem } from "../kernel/problem.ts";

/** An IPv4 range: its first address as a number, and how many bits are fixed. */
interface Range {
  readonly first: number;
  readonly bits: number;
}

/**
 * The first two bytes of a network that nobody uses: the search starts at a place that depends on the platform's name, so that
 * two platforms seldom compete and one finds its own again.
 * @param taken networks of the engine and routes of the host, as `a.b.c.d/bits`; what does not parse is passed over.
 * @throws Problem conflict when 10.0.0.0/8 is full.
 */
export function chooseSubnetPrefix(name: string, taken: readonly string[]): string {
  const ranges = taken.flatMap((text) => parseRange(text) ?? []);
  const start = name === "quine" ? 201 : 64 + ((createHash("sha256").update(name).digest()[0] ?? 0) % 192);
  for (let turn = 0; turn < 256; turn++) {
    const second = (start + turn) % 256;
    const candidate: Range = { first: (10 * 256 + second) * 65_536, bits: 16 };
    if (!ranges.some((range) => overlaps(range, candidate))) return `10.${second}`;
  }
  throw new Problem(
    "conflict",
    "Every network of 10.0.0.0/8 is in use on this machine: choose one with --subnet, such as 172.20",
  );
}

function parseRange(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [a, b, c, d] = match.slice(1, 5).map(Number) as [number, number, number, number];
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  // A default route covers everything and takes nothing.
  if (bits === 0 || bits > 32 || [a, b, c, d].some((byte) => byte > 255)) return undefined;
  return { first: ((a * 256 + b) * 256 + c) * 256 + d, bits };
}

function overlaps(one: Range, other: Range): boolean {
  const span = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.first / span) === Math.floor(other.first / span);
}

/** @param table text of /proc/net/route: destination and mask are hexadecimal, the last byte of the address first. @returns `a.b.c.d/bits`. */
export function parseRoutes(table: string): string[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination = "", , , , , , mask = ""] = line.split(/\s+/);
      if (!/^[0-9A-F]{8}$/i.test(destination) || !/^[0-9A-F]{8}$/i.test(mask)) return [];
      const bytes = [6, 4, 2, 0].map((at) => Number.parseInt(destination.slice(at, at + 2), 16));
      const bits = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === "1").length;
      return [`${bytes.join(".")}/${bits}`];
    });
}
