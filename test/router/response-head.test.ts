import { describe, expect, test } from "vitest";
import { parseResponseHead } from "../../services/router/response-head.ts";

const parse = (...lines: string[]) => parseResponseHead(`${lines.join("\r\n")}\r\n`);

describe("a dyno's answer", () => {
  const cases: [string, string[], object][] = [
    [
      "with a length",
      ["HTTP/1.1 200 OK", "Content-Length: 3"],
      { status: 200, reason: "OK", contentLength: 3, isClose: false },
    ],
    ["with an empty reason", ["HTTP/1.1 204 "], { ok: true, status: 204, reason: "" }],
    ["of HTTP/1.0", ["HTTP/1.0 200 OK"], { isClose: true }],
    ["of HTTP/1.0 that stays", ["HTTP/1.0 200 OK", "Connection: keep-alive"], { isClose: false }],
    [
      "that says how long it stays",
      ["HTTP/1.1 200 OK", "Keep-Alive: timeout=5, max=9"],
      { keepAliveSeconds: 5, headers: "" },
    ],
    ["with hop-by-hop lines", ["HTTP/1.1 200 OK", "Connection: X-Hop", "X-Hop: 1", "A: b"], { headers: "\r\nA: b" }],
    [
      "with a cookie longer than requests may have",
      ["HTTP/1.1 200 OK", `Set-Cookie: ${"a".repeat(20_000)}`],
      { ok: true },
    ],
  ];
  test.each(cases)("%s", (_name, lines, expected) => {
    expect(parse(...lines)).toMatchObject(expected);
  });
});

describe("is refused", () => {
  const cases: [string, "H17" | "H25", string[]][] = [
    ["without a blank after the status", "H17", ["HTTP/1.1 200"]],
    ["with another protocol", "H17", ["SSH-2.0-OpenSSH"]],
    ["with a status out of range", "H17", ["HTTP/1.1 600 X"]],
    ["with a folded line", "H17", ["HTTP/1.1 200 OK", "A: b", " c"]],
    ["with a control character", "H17", ["HTTP/1.1 200 OK", "A: b\x01"]],
    ["with a bad length", "H25", ["HTTP/1.1 200 OK", "Content-Length: x"]],
    ["with two lengths", "H25", ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2"]],
    ["with length and chunks", "H17", ["HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["with another coding", "H17", ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip"]],
    ["with a long status line", "H25", [`HTTP/1.1 200 ${"a".repeat(9000)}`]],
  ];
  test.each(cases)("%s as %s", (_name, code, lines) => {
    expect(parse(...lines)).toMatchObject({ ok: false, code });
  });
});
