import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineBytesMax, OutputReader } from "../../services/kernel/engine/docker-output.ts";
import type { OutputLine } from "../../services/kernel/engine/port.ts";

interface Entry {
  readonly stream: OutputLine["stream"];
  readonly stamp: string;
  readonly text: string;
}

/** An entry as the engine frames it. */
function frame({ stream, stamp, text }: Entry): Buffer {
  const body = Buffer.from(`${stamp} ${text}`);
  const header = Buffer.alloc(8);
  header[0] = stream === "stdout" ? 1 : 2;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

const stampAt = (nanoseconds: number) => `2026-01-02T03:04:05.${String(nanoseconds).padStart(9, "0")}Z`;
const stdout = (text: string, nanoseconds = 0): Entry => ({ stream: "stdout", stamp: stampAt(nanoseconds), text });
const read = (...chunks: Buffer[]): OutputLine[] => {
  const reader = new OutputReader();
  return [...chunks.flatMap((chunk) => [...reader.read(chunk)]), ...reader.end()];
};
const texts = (lines: OutputLine[]) => lines.map((line) => line.text);

const entries = fc.array(
  fc.record({
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    stamp: fc.nat(3).map(stampAt),
    text: fc
      .tuple(fc.string({ maxLength: 30 }), fc.constantFrom("", "\n"))
      .map(([text, end]) => text.replaceAll("\n", "") + end),
  }),
  { maxLength: 20 },
);

describe("the engine's output", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(entries, fc.array(fc.nat(2_000)), (given, cuts) => {
        const bytes = Buffer.concat(given.map(frame));
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(read(...chunks)).toEqual(read(bytes));
      }),
    );
  });

  it("loses no text and keeps each stream's order", () => {
    fc.assert(
      fc.property(entries, (given) => {
        const lines = read(...given.map(frame));
        for (const stream of ["stdout", "stderr"] as const) {
          const sent = given.filter((entry) => entry.stream === stream).map((entry) => entry.text);
          const got = lines.filter((line) => line.stream === stream).map((line) => line.text);
          expect(got).toEqual(
            sent
              .join("")
              .replace(/\n$/, "")
              .split("\n")
              .slice(0, sent.join("") === "" ? 0 : undefined),
          );
        }
      }),
    );
  });

  it("reads a second stream from where the first one broke off, each entry once", () => {
    const ordered = entries.map((given) => [...given].sort((a, b) => (a.stamp < b.stamp ? -1 : 1)));
    fc.assert(
      fc.property(ordered, fc.nat(20), (given, count) => {
        const reader = new OutputReader();
        const first = given.slice(0, count).flatMap((entry) => [...reader.read(frame(entry))]);
        const from = reader.resume()?.since.slice(-9);
        const again = given.filter((entry) => from === undefined || entry.stamp.slice(20, 29) >= from);
        const second = again.flatMap((entry) => [...reader.read(frame(entry))]);
        expect([...first, ...second, ...reader.end()]).toEqual(read(...given.map(frame)));
      }),
    );
  });

  it("splits at characters, not inside them", () => {
    const lines = read(frame(stdout(`x${"ä".repeat(lineBytesMax / 2)}\n`)));
    expect(texts(lines)).toEqual([`x${"ä".repeat(lineBytesMax / 2 - 1)}`, "ä"]);
  });

  it("gives a line the time its first piece came", () => {
    const [line] = read(frame(stdout("be", 7_000_000)), frame(stdout("gun\n", 9_000_000)));
    expect(line).toEqual({ stream: "stdout", at: new Date("2026-01-02T03:04:05.007Z"), text: "begun" });
  });

  it("refuses what is not the engine's framing", () => {
    expect(() => read(Buffer.from("this is no frame at all"))).toThrow("Bug");
  });

  it("resumes at the nanosecond", () => {
    const reader = new OutputReader();
    expect(reader.resume()).toBeUndefined();
    for (const _ of reader.read(frame(stdout("a\n", 123_456_789))));
    expect(reader.resume()).toEqual({ since: `${Date.parse("2026-01-02T03:04:05Z") / 1000}.123456789` });
  });
});
