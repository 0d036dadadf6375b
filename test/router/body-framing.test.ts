import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyFraming, malformed, unfinished } from "../../services/router/body-framing.ts";

function chunked(text: string, isForbidden?: (name: string) => boolean): number {
  const framing = new BodyFraming();
  framing.startChunked(isForbidden);
  return framing.advance(Buffer.from(text, "latin1"), 0);
}

describe("chunks", () => {
  const whole = [
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    'A;x=y;z="q\\""\r\nhelloworld\r\n0;a\r\nT: v\r\n\r\n',
    "00\r\n\r\n",
  ];
  test.each(whole)("%j is whole", (text) => {
    expect(chunked(text)).toBe(text.length);
    expect(chunked(`${text}GET /`)).toBe(text.length);
    expect(chunked(text.slice(0, -1))).toBe(unfinished);
  });
  const broken = [
    "0x5\r\nhello", "+5\r\n", "-1\r\n", "5 \r\n", " 5\r\n", "1_0\r\n", "5\nhello", "5\rhello", "5;\r\n", "5;\n", "5;bad[=x\r\n",
    "5;\0\r\n", "5;a\rX", "5;a= b\r\n", "5\r\nhello!!\r\n", "5\r\nhello0\r\n", "5\r\nhello\n", "g\r\n", "FFFFFFFFFFFFF\r\n",
    "0\r\n\n", "0\r\nT\r\n", "0\r\nT : v\r\n", "0\r\nT: \0\r\n", "0\r\n: v\r\n", "\r\n", `5;${"a".repeat(2000)}`, `0\r\nT: ${"a".repeat(9000)}`,
  ]; // biome-ignore format: a list of short texts
  test.each(broken)("%j is malformed", (text) => {
    expect(chunked(text)).toBe(malformed);
  });
  test("a trailer that would change the head is malformed", () => {
    expect(chunked("0\r\nContent-Length: 5\r\n\r\n", (name) => name === "content-length")).toBe(malformed);
  });
});

test("however the bytes are split, the end is the same", () => {
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((data) => Buffer.from(data));
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 5 }), fc.array(fc.nat(60), { maxLength: 10 }), (chunks, cuts) => {
      const parts = chunks.map((data) =>
        Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]),
      );
      const body = Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
      const stream = Buffer.concat([body, Buffer.from("NEXT")]);
      const framing = new BodyFraming();
      framing.startChunked();
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const piece = stream.subarray(at, at + cut);
        const end = framing.advance(piece, 0);
        if (end !== unfinished) {
          expect(at + end).toBe(body.length);
          return;
        }
        at += piece.length;
      }
      throw new Error("The body never ended");
    }),
  );
});

test("a length ends where it says", () => {
  const framing = new BodyFraming();
  framing.startLength(5);
  expect(framing.advance(Buffer.from("hel"), 0)).toBe(unfinished);
  expect(framing.advance(Buffer.from("loGET"), 0)).toBe(2);
});
