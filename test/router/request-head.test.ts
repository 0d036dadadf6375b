import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRequestHead } from "../../services/router/request-head.ts";

const parse = (...lines: string[]) => parseRequestHead(`${lines.join("\r\n")}\r\n`);
const host = "Host: a.example";

describe("accepts", () => {
  const cases: [string, string[], object][] = [
    ["a plain request", ["GET / HTTP/1.1", host], { method: "GET", target: "/", minor: 1, host: "a.example" }],
    ["a host with a port", ["GET / HTTP/1.1", "Host: a.example:8080"], { host: "a.example:8080" }],
    ["an IPv6 host", ["GET / HTTP/1.1", "Host: [::1]:80"], { host: "[::1]:80" }],
    ["HTTP/1.0 without a host, closing", ["GET / HTTP/1.0"], { minor: 0, host: "", isClose: true }],
    ["OPTIONS *", ["OPTIONS * HTTP/1.1", host], { target: "*" }],
    ["the absolute form of its own host", ["GET http://A.example/x?y HTTP/1.1", host], { target: "/x?y" }],
    ["an absolute form without a path", ["GET http://a.example?y HTTP/1.1", host], { target: "/?y" }],
    ["a length", ["POST / HTTP/1.1", host, "content-length:\t5 "], { contentLength: 5, isChunked: false }],
    ["chunks", ["POST / HTTP/1.1", host, "Transfer-Encoding: Chunked"], { contentLength: -1, isChunked: true }],
    ["close", ["GET / HTTP/1.1", host, "Connection: keep-alive, Close"], { isClose: true }],
    ["100-continue", ["POST / HTTP/1.1", host, "Expect: 100-Continue"], { expects: "continue" }],
    ["another expectation, for the app's log", ["POST / HTTP/1.1", host, "Expect: x"], { expects: "unknown" }],
    ["an upgrade", ["GET / HTTP/1.1", host, "Upgrade: websocket", "Connection: Upgrade"], { upgrade: "websocket" }],
    ["no upgrade without Connection", ["GET / HTTP/1.1", host, "Upgrade: websocket"], { upgrade: undefined }],
    [
      "no upgrade with a body",
      ["GET / HTTP/1.1", host, "Upgrade: h2c", "Connection: upgrade", "Content-Length: 1"],
      { upgrade: undefined },
    ],
    [
      "a request id that may be kept",
      ["GET / HTTP/1.1", host, `X-Request-Id: ${"a".repeat(20)}`],
      { requestId: "a".repeat(20) },
    ],
    ["no request id that is too short", ["GET / HTTP/1.1", host, "X-Request-Id: abc"], { requestId: undefined }],
    [
      "several X-Forwarded-For",
      ["GET / HTTP/1.1", host, "X-Forwarded-For: 1", "x-forwarded-for: 2"],
      { forwardedFor: "1, 2" },
    ],
    [
      "bytes beyond ASCII in values",
      ["GET / HTTP/1.1", host, "X: \xe9"],
      { headers: "\r\nHost: a.example\r\nX: \xe9" },
    ],
  ];
  test.each(cases)("%s", (_name, lines, expected) => {
    expect(parse(...lines)).toMatchObject({ ok: true, ...expected });
  });
});

describe("passes on", () => {
  const cases: [string, string[], string[]][] = [
    ["everything of the client's own", [host, "Accept: a", "Cookie: b"], [host, "Accept: a", "Cookie: b"]],
    [
      "nothing hop-by-hop",
      ["Connection: x-hop", "X-Hop: 1", host, "Keep-Alive: 1", "TE: gzip", "Proxy-Connection: a", "B: 1"],
      [host, "B: 1"],
    ],
    [
      "no X-Forwarded-Proto",
      [host, "x-forwarded-PROTO: https", "X-Forwarded-Port: 443", "Forwarded: proto=https"],
      [host],
    ],
    [
      "no such name in disguise",
      [host, "X_Forwarded-Proto: https", "Content_Length: 3", "api_key: 1"],
      [host, "api_key: 1"],
    ],
    ["the host whatever Connection says", ["Connection: host, content-length", host], [host]],
  ];
  test.each(cases)("%s", (_name, lines, kept) => {
    const head = parse("GET / HTTP/1.1", ...lines);
    expect(head).toMatchObject({ ok: true, headers: kept.map((line) => `\r\n${line}`).join("") });
  });
});

describe("refuses", () => {
  const cases: [string, number, string[]][] = [
    ["a bare LF", 400, ["GET / HTTP/1.1", `${host}\nX: y`]],
    ["a bare CR", 400, ["GET / HTTP/1.1", `${host}\rX: y`]],
    ["a folded line", 400, ["GET / HTTP/1.1", host, "X: a", " b"]],
    ["a blank before the colon", 400, ["GET / HTTP/1.1", host, "X : a"]],
    ["a line without a colon", 400, ["GET / HTTP/1.1", host, "X"]],
    ["an empty name", 400, ["GET / HTTP/1.1", host, ": a"]],
    ["a control character", 400, ["GET / HTTP/1.1", host, "X: a\0b"]],
    ["two hosts", 400, ["GET / HTTP/1.1", host, host]],
    ["no host", 400, ["GET / HTTP/1.1"]],
    ["an empty host", 400, ["GET / HTTP/1.1", "Host:"]],
    ["a user in the host", 400, ["GET / HTTP/1.1", "Host: u@a.example"]],
    ["a list of hosts", 400, ["GET / HTTP/1.1", "Host: a.example, b.example"]],
    ["another host in the target", 400, ["GET http://b.example/ HTTP/1.1", host]],
    ["length and chunks", 400, ["POST / HTTP/1.1", host, "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["two lengths, though equal", 400, ["POST / HTTP/1.1", host, "Content-Length: 1", "Content-Length: 1"]],
    ["a signed length", 400, ["POST / HTTP/1.1", host, "Content-Length: +1"]],
    ["a length with a leading zero", 400, ["POST / HTTP/1.1", host, "Content-Length: 01"]],
    ["a list of lengths", 400, ["POST / HTTP/1.1", host, "Content-Length: 1, 1"]],
    ["a length beyond all numbers", 400, ["POST / HTTP/1.1", host, `Content-Length: ${"9".repeat(20)}`]],
    ["a coding besides chunked", 400, ["POST / HTTP/1.1", host, "Transfer-Encoding: gzip, chunked"]],
    ["chunked twice", 400, ["POST / HTTP/1.1", host, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]],
    ["chunks in HTTP/1.0", 400, ["POST / HTTP/1.0", host, "Transfer-Encoding: chunked"]],
    ["CONNECT", 405, ["CONNECT a.example:443 HTTP/1.1", host]],
    ["* with GET", 400, ["GET * HTTP/1.1", host]],
    ["a relative target", 400, ["GET x HTTP/1.1", host]],
    ["a fragment", 400, ["GET /#x HTTP/1.1", host]],
    ["a target beyond ASCII", 400, ["GET /\xe9 HTTP/1.1", host]],
    ["a blank in the target", 400, ["GET /a b HTTP/1.1", host]],
    ["two blanks", 400, ["GET  / HTTP/1.1", host]],
    ["a tab", 400, ["GET\t/ HTTP/1.1", host]],
    ["HTTP/2", 505, ["GET / HTTP/2.0", host]],
    ["http in lower case", 400, ["GET / http/1.1", host]],
    ["no version", 400, ["GET /", host]],
    ["a long method", 400, [`${"A".repeat(128)} / HTTP/1.1`, host]],
    ["a long request line", 414, [`GET /${"a".repeat(8192)} HTTP/1.1`, host]],
    ["a long header", 431, ["GET / HTTP/1.1", host, `X: ${"a".repeat(8192)}`]],
    ["many headers", 431, ["GET / HTTP/1.1", host, ...Array.from({ length: 128 }, (_, n) => `X${n}: a`)]],
    ["nothing", 400, [""]],
  ];
  test.each(cases)("%s with %i", (_name, status, lines) => {
    expect(parse(...lines)).toMatchObject({ ok: false, status });
  });
});

test("what is passed on is read the same a second time", () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/);
  const value = fc.stringMatching(/^[ -~\t]{0,40}$/);
  const line = fc.tuple(name, value).map(([n, v]) => `${n}: ${v}`);
  const special = fc.constantFrom(
    "Connection: close, x",
    "X_Forwarded_For: 1",
    "Transfer_Encoding: chunked",
    "TE: a",
    "Expect: b",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, special), { maxLength: 12 }), (lines) => {
      const once = parse("GET / HTTP/1.1", ...lines, host);
      fc.pre(once.ok);
      if (!once.ok) return;
      const twice = parseRequestHead(`GET / HTTP/1.1${once.headers}\r\n`);
      expect(twice).toMatchObject({ ok: true, headers: once.headers, host: once.host, isChunked: once.isChunked });
      expect(once.headers).not.toMatch(/\r\n(connection|te|expect|[a-z]+_forwarded_for|transfer_encoding):/i);
    }),
  );
});
