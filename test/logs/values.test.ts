// Long because each value the service is made of stands beside the others it works with.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AppChannel, AppReader, positionOfLast } from "../../services/logs/app-channel.ts";
import { AppChannels } from "../../services/logs/app-channels.ts";
import { BuildOutput, BuildReader } from "../../services/logs/build-output.ts";
import { BuildOutputs } from "../../services/logs/build-outputs.ts";
import { parseEntry } from "../../services/logs/entry.ts";
import { matches } from "../../services/logs/filter.ts";
import { defaultLimits } from "../../services/logs/limits.ts";
import { type Line, Ring } from "../../services/logs/ring.ts";
import { safeLines } from "../../services/logs/safe-lines.ts";

const appId = "11111111-2222-4333-8444-555555555555";
const line = (text: string, process = "web.1", source: "app" | "heroku" = "app"): Line => ({
  source,
  process,
  at: `at ${text}`,
  text,
});

describe("an intake line", () => {
  const good = {
    channel: `app:${appId}`,
    at: "2026-01-02T03:04:05.123456Z",
    source: "app",
    process: "web.1",
    line: "hello",
  };
  test.each([
    ["2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:05.123456+00:00"],
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000+00:00"],
    ["2026-01-02T03:04:05.123456789+00:00", "2026-01-02T03:04:05.123456+00:00"],
  ])("at %s reads %s", (at, expected) => {
    expect(parseEntry(JSON.stringify({ ...good, at }))).toMatchObject({ kind: "app", appId, at: expected });
  });
  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["no object", "null"],
    ["channel", JSON.stringify({ ...good, channel: "app:me" })],
    ["channel", JSON.stringify({ ...good, channel: `app:${appId}\n` })],
    ["channel", JSON.stringify({ ...good, channel: `release:${appId}` })],
    ["at", JSON.stringify({ ...good, at: "yesterday" })],
    ["at", JSON.stringify({ ...good, at: "2026-01-02T03:04:05+02:00" })],
    ["source", JSON.stringify({ ...good, source: "heroku[router]: x app" })],
    ["process", JSON.stringify({ ...good, process: "web.1]: x\n" })],
    ["process", JSON.stringify({ ...good, process: "" })],
    ["line", JSON.stringify({ ...good, line: 7 })],
    ["line", JSON.stringify({ channel: `build:${appId}` })],
  ])("is refused for its %s: %s", (because, json) => {
    expect(parseEntry(json)).toEqual({ kind: "refused", because });
  });
  test("of a build, and its end", () => {
    const channel = `build:${appId}`;
    expect(parseEntry(JSON.stringify({ channel, line: "" }))).toEqual({ kind: "build", buildId: appId, message: "" });
    expect(parseEntry(JSON.stringify({ channel, end: true }))).toEqual({ kind: "build-end", buildId: appId });
  });
});

describe("what a tenant writes", () => {
  test.each([
    ["plain", ["plain"]],
    ["", [""]],
    ["a\r\n", ["a"]],
    ["a\nheroku[router]: b", ["a", "heroku[router]: b"]],
    ["10%\r20%\rid: 9\rdata: forged", ["10%", "20%", "id: 9", "data: forged"]],
    ["\u001b[1;31mred\u001b[0m\ttab", ["\u001b[1;31mred\u001b[0m\ttab"]],
    ["\u001b[1Aup\u001b]0;title\u0007\u009b2J\b", ["\ufffd[1Aup\ufffd]0;title\ufffd\ufffd2J\ufffd"]],
  ])("%j becomes %j", (message, expected) => {
    expect(safeLines(message, 10_000)).toEqual(expected);
  });
  test("is cut into lines within the limit, between characters, and nothing is lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 4, max: 20 }), (text, bytesMax) => {
        const clean = text.replace(/\p{Cc}/gu, "");
        const lines = safeLines(clean, bytesMax);
        expect(lines.join("")).toBe(clean);
        for (const piece of lines) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(bytesMax);
      }),
    );
  });
});

describe("the ring", () => {
  test("keeps the newest lines within both limits and says what fell out, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (texts, linesMax) => {
          const ring = new Ring(7, linesMax, 3_000);
          const dropped = texts.flatMap((text) => ring.push(line(text)));
          const kept: (Line | undefined)[] = [];
          for (let position = ring.first; position < ring.next; position++) kept.push(ring.at(position));
          expect([...dropped, ...kept].map((one) => one?.text)).toEqual(texts);
          expect(kept.length).toBeLessThanOrEqual(linesMax);
          expect(ring.next).toBe(7 + texts.length);
          expect(ring.bytes).toBeLessThanOrEqual(3_000);
          expect(ring.at(ring.first - 1)).toBeUndefined();
          expect(ring.at(ring.next)).toBeUndefined();
        },
      ),
    );
  });
});

describe("a reader", () => {
  test("that is slow takes each matching line or counts it: never both, never neither", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom("web.1", "worker.1"), fc.constant("take")), { maxLength: 80 }),
        fc.integer({ min: 1, max: 9 }),
        (acts, linesMax) => {
          const channel = new AppChannel(new Ring(0, linesMax, 1_000_000));
          const reader = new AppReader(channel, { dyno: "web" }, 0);
          let written = 0;
          let seen = 0;
          const take = () => {
            const { loss, lines } = reader.take(1_000_000);
            seen += (loss?.count ?? 0) + lines.length;
          };
          for (const act of acts) {
            if (act === "take") take();
            else {
              channel.push(line(String(written), act));
              if (act === "web.1") written++;
            }
          }
          take();
          expect(seen).toBe(written);
        },
      ),
    );
  });
  test("is told since when", () => {
    const channel = new AppChannel(new Ring(0, 2, 1_000_000));
    const reader = new AppReader(channel, {}, 0);
    for (const text of ["a", "b", "c", "d"]) channel.push(line(text));
    expect(reader.take(1_000)).toMatchObject({
      loss: { count: 2, since: "at a" },
      lines: [{ position: 2 }, { position: 3 }],
    });
    expect(reader.take(1_000)).toEqual({ loss: undefined, lines: [], isEmpty: true });
  });
  test("that resumes counts what fell out meanwhile, and nothing of an earlier life", () => {
    const channel = new AppChannel(new Ring(1_000, 2, 1_000_000));
    for (const text of ["a", "b", "c", "d"]) channel.push(line(text));
    expect(new AppReader(channel, {}, 1_001).take(1_000).loss?.count).toBe(1);
    expect(new AppReader(channel, {}, 17).take(1_000).loss?.count).toBe(2);
    expect(new AppReader(channel, {}, 1_003).take(1_000)).toMatchObject({
      loss: undefined,
      lines: [{ position: 1_003 }],
    });
    expect(new AppReader(channel, {}, 99_999).take(1_000)).toMatchObject({ loss: undefined, lines: [] });
  });
});

describe("the last lines", () => {
  const ring = new Ring(0, 100, 1_000_000);
  for (const process of ["web.1", "web.2", "worker.1", "web.1", "web.10"]) ring.push(line(process, process));
  ring.push(line("r", "router", "heroku"));
  test.each([
    [{}, 2, 4],
    [{}, 0, 6],
    [{ dyno: "web" }, 2, 3],
    [{ dyno: "web.1" }, 1, 3],
    [{ dyno: "web.1" }, 9, 0],
    [{ dyno: "router" }, 1, 5],
    [{ source: "heroku" as const }, 9, 0],
    [{ source: "app" as const }, 1, 4],
  ])("of %j, %i of them, begin at %i", (filter, count, expected) => {
    expect(positionOfLast(ring, filter, count)).toBe(expected);
  });
  test("a dyno filter is a whole name or a type", () => {
    expect(matches({ dyno: "web.1" }, line("", "web.10"))).toBe(false);
    expect(matches({ dyno: "we" }, line("", "web.1"))).toBe(false);
  });
});

describe("all channels together", () => {
  test("stay within their memory, and the app that writes most pays", () => {
    const channels = new AppChannels({ ...defaultLimits, bytesOfAppsMax: 100_000 });
    channels.push("quiet", line("mine"), 1);
    for (let count = 0; count < 2_000; count++) channels.push("noisy", line("x".repeat(500)), 2);
    expect(channels.bytes).toBeLessThanOrEqual(100_000);
    expect(channels.open("quiet", 3).ring.bytes).toBeGreaterThan(0);
  });
  test("forget the app written longest ago when there are too many, but not one that is read", () => {
    const channels = new AppChannels({ ...defaultLimits, appsMax: 2 });
    channels.push("read", line("a"), 1);
    const reader = new AppReader(channels.open("read", 1), {}, 0);
    channels.push("old", line("b"), 2);
    channels.push("new", line("c"), 3);
    expect(channels.open("read", 4).ring.bytes).toBeGreaterThan(0);
    expect(channels.open("new", 4).ring.bytes).toBeGreaterThan(0);
    reader.close();
    expect(channels.open("old", 4).ring.bytes).toBe(0);
  });
  test("forget after a week of silence; positions of a new channel are later than those of the old", () => {
    const channels = new AppChannels(defaultLimits);
    channels.push("app", line("a"), 1_000);
    const old = channels.open("app", 1_000).ring.next;
    channels.sweep(1_000 + defaultLimits.appIdleMs);
    expect(channels.bytes).toBe(0);
    expect(channels.open("app", 1_000 + defaultLimits.appIdleMs).ring.first).toBeGreaterThan(old);
  });
});

describe("a build's output", () => {
  test("is whole up to its limit, whenever it is read", () => {
    const output = new BuildOutput(1_000);
    const early = new BuildReader(output);
    let read = "";
    for (const text of ["a", "", "c"]) {
      output.push(text);
      read += early.take(10_000);
    }
    expect(read).toBe("a\n\nc\n");
    expect(new BuildReader(output).take(10_000)).toBe("a\n\nc\n");
  });
  test("beyond it keeps the beginning and the end and tells of the gap", () => {
    const output = new BuildOutput(200);
    const live = new BuildReader(output);
    let liveText = "";
    for (let count = 0; count < 100; count++) {
      output.push(`line ${count}`);
      liveText += live.take(10_000);
    }
    expect(liveText.split("\n")).toHaveLength(101);
    const late = new BuildReader(output).take(10_000).trimEnd().split("\n");
    const gap = late.findIndex((text) => text.includes("not kept"));
    const lost = Number(/(\d+) lines/.exec(late[gap] ?? "")?.[1]);
    expect(late[0]).toBe("line 0");
    expect(late.at(-1)).toBe("line 99");
    expect(late.length - 1 + lost).toBe(100);
    expect(output.bytes).toBeLessThanOrEqual(200);
  });
  test("takes nothing after its end", () => {
    const outputs = new BuildOutputs(defaultLimits);
    outputs.push("b", "one", 1);
    outputs.end("b", 1);
    expect(outputs.push("b", "two", 1)).toBe(false);
    expect(new BuildReader(outputs.open("b", 1)).take(100)).toBe("one\n");
  });
  test("makes room: those that ended go first, and their memory is counted back", () => {
    const outputs = new BuildOutputs({ ...defaultLimits, buildsMax: 2 });
    outputs.push("live", "a", 1);
    outputs.push("over", "bb", 2);
    outputs.end("over", 2);
    outputs.push("new", "ccc", 3);
    expect(outputs.count).toBe(2);
    expect(outputs.bytes).toBe("a\nccc\n".length);
    outputs.sweep(4 + defaultLimits.buildIdleMs);
    expect([outputs.count, outputs.bytes]).toEqual([0, 0]);
  });
});
