import http from "node:http";
import type { Platform } from "../kernel/platform.ts";
import { frontAddress } from "./addresses.ts";

export interface FrontAnswer {
  readonly status: number;
  readonly text: string;
}

const answerBytesMax = 4 * 1024 * 1024;

/**
 * Asks the platform through its front door as a client would, whatever this machine's resolver thinks of its names.
 * @param host name it is asked for, without a port. @throws Error when nothing answers in time.
 */
export function askFront(
  platform: Platform,
  host: string,
  path: string,
  options: { method?: string; token?: string; body?: unknown; timeoutMs?: number } = {},
): Promise<FrontAnswer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      host: frontAddress(platform),
      port: platform.httpPort,
      method: options.method ?? "GET",
      path,
      agent: false,
      headers: {
        host: `${host}:${platform.httpPort}`,
        accept: "application/vnd.heroku+json; version=3",
        "user-agent": "quine-seed",
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > answerBytesMax) outgoing.destroy(new Error("the answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
  });
}
