import { once } from "node:events";
import { readFileSync } from "node:fs";
import type http from "node:http";
import net from "node:net";
import { expect, test } from "vitest";
import { app, dyno, httpDyno, World } from "./world.ts";

/*
 * The scored cases of Http11Probe (MIT licence, https://github.com/MDA2AV/Http11Probe), each sent to a real router before a real dyno.
 * The dyno is Node's own HTTP server: what it refuses itself counts as well, as it would in production.
 */
interface Case {
  readonly id: string;
  readonly about: string;
  readonly expected: string;
  readonly send: readonly (string | readonly { text: string; times?: number }[])[];
}

const file = new URL("./http11probe.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

interface Outcome {
  /** Of the first final answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly isClosed: boolean;
  readonly text: string;
  readonly answers: number;
}

const serve: http.RequestListener = (request, response) => {
  if (request.method === "OPTIONS") response.writeHead(204, { allow: "GET, HEAD, POST, OPTIONS" }).end();
  else if (request.method === "POST" && request.url === "/echo") {
    request.resume();
    request.on("end", () => response.end(request.rawHeaders.join("\n")));
  } else if (request.method === "POST") {
    // Answers when the request is whole, as most apps do.
    const parts: Buffer[] = [];
    request.on("data", (bytes: Buffer) => parts.push(bytes));
    request.on("end", () => response.end(Buffer.concat(parts)));
  } else if (request.method === "GET" || request.method === "HEAD") {
    response.setHeader("content-type", "text/plain");
    response.end("hello");
  } else response.writeHead(405, { allow: "GET, HEAD, POST, OPTIONS" }).end();
};

/** Sends the case step by step, each after the answer to the one before. Waits for silence only where silence is an expected outcome. */
async function run(port: number, { send, expected }: Case): Promise<Outcome> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  let text = "";
  let isClosed = false;
  let changed = () => {};
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    changed();
  });
  for (const event of ["error", "end", "close"]) {
    socket.on(event, () => {
      isClosed = true;
      changed();
    });
  }
  if (expected.includes("timeout")) socket.setTimeout(250, () => changed());
  const statuses = () => [...text.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map((match) => Number(match[1]));
  for (const [index, step] of send.entries()) {
    const pieces = typeof step === "string" ? [{ text: step, times: 1 }] : step;
    const bytes = pieces.map((piece) => piece.text.repeat(piece.times ?? 1)).join("");
    const { promise, resolve } = Promise.withResolvers<void>();
    changed = () => {
      const isAnswered = statuses().length > index && !/\r\nconnection: close\r\n/i.test(text);
      if (isAnswered || isClosed || text === "") resolve();
    };
    socket.write(bytes.replaceAll("HOST", "hello.localhost"), "latin1");
    if (isClosed) break;
    await promise;
  }
  socket.destroy();
  return { status: statuses()[0], isClosed, text, answers: statuses().length };
}

type Verdict = (outcome: Outcome) => boolean;
const ok: Verdict = ({ status }) => status !== undefined && status >= 200 && status < 300;
const has =
  (pattern: RegExp): Verdict =>
  (outcome) =>
    ok(outcome) && pattern.test(outcome.text);

/** Expectations that are more than a list of what may be answered. */
const special: Readonly<Record<string, Verdict>> = {
  "!101": ({ text }) => !text.includes(" 101 "),
  "non-101 (426 preferred)": ({ text }) => !text.includes(" 101 "),
  "not 414": ({ status }) => status !== undefined && status !== 414,
  "non-1xx response": ({ text, status }) => status !== undefined && !/HTTP\/1\.\d 1\d\d /.test(text),
  "2xx + echo": has(/hello/),
  "2xx + close": (outcome) => ok(outcome) && outcome.isClosed,
  "2xx with Date header": has(/\r\ndate: /i),
  "2xx with Allow header": has(/\r\nallow: /i),
  "2xx with Content-Type": has(/\r\ncontent-type: /i),
  "2xx with no body": has(/\r\n\r\n$/),
  "405 + Allow header": ({ status, text }) => status === 405 && /\r\nallow: /i.test(text),
  "204 without CL": ({ status, text }) => status === 204 && !/\r\ncontent-length: /i.test(text),
  // Refused, or the underscored name did not arrive; arriving under its real name would be smuggling.
  "Reject/drop (pass), normalize (fail), preserve (warn)": ({ status, text }) =>
    status === 400 ||
    !/content_length|transfer_encoding|content\tlength|\n99\n|chunked/i.test(text.split("\r\n\r\n")[1] ?? ""),
  "400, or close (no extra response)": ({ status, answers, isClosed }) => answers <= 1 && (status === 400 || isClosed),
};

function isAsExpected(expected: string, outcome: Outcome): boolean {
  const rule = special[expected];
  if (rule !== undefined) return rule(outcome);
  const numbers = expected.match(/\b\d{3}\b/g) ?? [];
  if (outcome.status !== undefined && numbers.some((number) => Number(number) === outcome.status)) return true;
  if (/2xx ?\+ ?close/.test(expected)) return ok(outcome) && outcome.isClosed;
  if (expected.includes("2xx") && ok(outcome)) return true;
  if (outcome.status !== undefined) return false;
  return (expected.includes("close") && outcome.isClosed) || expected.includes("timeout");
}

test("every scored case ends as it should", { timeout: 60_000 }, async () => {
  await using hello = await httpDyno(serve);
  await using world = await World.start([app("hello", [dyno(hello.port)])]);
  expect(cases).toHaveLength(161);
  const verdicts = await Promise.all(
    cases.map(async (probe) => {
      const outcome = await run(world.port, probe);
      return isAsExpected(probe.expected, outcome)
        ? undefined
        : `${probe.id}: ${probe.expected}, got ${outcome.status}`;
    }),
  );
  expect(verdicts.filter((verdict) => verdict !== undefined)).toEqual([]);
});
