import { expect, test } from "vitest";
import { formatRequestLine, type RequestRecord } from "../../services/router/request-line.ts";
import { encodeLine } from "../../services/router/request-log.ts";

const record: RequestRecord = {
  method: "GET",
  target: "/x?y",
  host: "hello.localhost",
  requestId: "8601b555-6a83-4c12-8269-97c8e32cdb22",
  forwardedFor: "1.2.3.4",
  dyno: "web.1",
  connectMs: 0.6,
  serviceMs: 17.6,
  status: 200,
  bytes: 13,
  protocol: "https",
  error: undefined,
};

const cases: [string, Partial<RequestRecord>, string][] = [
  [
    "an answer",
    {},
    'at=info method=GET path="/x?y" host=hello.localhost request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="1.2.3.4" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=https',
  ],
  [
    "a crashed app",
    {
      dyno: "",
      connectMs: undefined,
      serviceMs: undefined,
      status: 503,
      bytes: 0,
      error: { code: "H10", cause: undefined },
    },
    'at=error code=H10 desc="App crashed" method=GET path="/x?y" host=hello.localhost request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="1.2.3.4" dyno= connect= service= status=503 bytes=0 protocol=https',
  ],
];
test.each(cases)("%s", (_name, more, expected) => {
  expect(formatRequestLine({ ...record, ...more })).toBe(expected);
});

test.each([
  ["H27", undefined, 'sock=client at=warning code=H27 desc="Client Request Interrupted" method='],
  ["H18", undefined, 'sock=backend at=error code=H18 desc="Server Request Interrupted" method='],
  ["H25", "oversized header", 'at=error code=H25 desc="HTTP restriction: oversized header" method='],
  ["H26", "bad chunk", 'at=error code=H26 desc="Request Error" cause="bad chunk" method='],
  ["H80", undefined, 'at=info code=H80 desc="Maintenance mode" method='],
] as const)("%s %s", (code, cause, start) => {
  expect(formatRequestLine({ ...record, error: { code, cause } })).toMatch(new RegExp(`^${start}`));
});

test("quotes cannot end a value", () => {
  const line = formatRequestLine({ ...record, target: '/" code=H99', forwardedFor: 'a"b' });
  expect(line).toContain('path="/%22 code=H99" ');
  expect(line).toContain('fwd="a%22b" ');
});

test("a line for the logs app has microseconds and is JSON", () => {
  const line = encodeLine("a1", 'path="/"', 1_700_000_000_001.25);
  expect(JSON.parse(line)).toEqual({
    channel: "app:a1",
    at: "2023-11-14T22:13:20.001250+00:00",
    source: "heroku",
    process: "router",
    line: 'path="/"',
  });
  expect(JSON.parse(encodeLine("a1", "", 1_700_000_000_000)).at).toBe("2023-11-14T22:13:20.000000+00:00");
});
