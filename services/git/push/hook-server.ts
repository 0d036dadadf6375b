import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { realpath } from "node:fs/promises";
import http from "node:http";
import { basename, dirname } from "node:path";
import type { Logger } from "../../kernel/log.ts";
import type { RefCommand } from "../repository/refs.ts";
import { parseCommands } from "./plan.ts";

/** What the hook of one push brings: what the pusher wants, and where its objects are for now. */
export interface Received {
  readonly commands: readonly RefCommand[];
  /** Object folder of the quarantine; git removes it unless the verdict is yes. A push that only deletes has none. */
  readonly quarantine: string | undefined;
}

/** What a push means. Neither may throw for anything expected. */
export interface PushSteps {
  /** All there is to do before the refs move. @returns the verdict. */
  before(received: Received, write: (text: string) => void): Promise<boolean>;
  /** What follows once they have moved. */
  after(write: (text: string) => void): Promise<void>;
}

/** Meets the hooks of receive-pack on a unix socket. */
export interface HookServer {
  /** Registers a push while `work` runs. @param work gets the id, which the hook's environment carries. */
  expect<T>(repositoryPath: string, steps: PushSteps, work: (id: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Expected {
  readonly repositoryPath: string;
  readonly steps: PushSteps;
  state: "waiting" | "deciding" | "yes" | "no" | "after";
}

const inputBytesMax = 4 * 1024 * 1024;

export async function startHookServer(socket: string, logger: Logger): Promise<HookServer> {
  const pushes = new Map<string, Expected>();
  const server = http.createServer((request, response) => {
    answer(pushes, request, response).catch((error: Error) => {
      logger.error("Bug: a push ended with an error", { error: error.stack });
      if (!response.headersSent) response.writeHead(500);
      response.end(" !     The platform failed to handle the push. Try again; if it goes on, tell its operator.\n");
    });
  });
  server.requestTimeout = 60_000;
  server.listen(socket);
  await once(server, "listening");

  return {
    async expect(repositoryPath, steps, work) {
      const id = randomBytes(16).toString("hex");
      pushes.set(id, { repositoryPath, steps, state: "waiting" });
      try {
        return await work(id);
      } finally {
        pushes.delete(id);
      }
    },
    async close() {
      server.closeAllConnections();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  pushes: ReadonlyMap<string, Expected>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const [, id = "", part = "before"] =
    /^\/pushes\/([0-9a-f]{32})\/(before|verdict|after)$/.exec(request.url ?? "") ?? [];
  const push = pushes.get(id);
  const write = (text: string) => {
    if (!response.destroyed) response.write(text);
  };
  if (push === undefined) {
    response.writeHead(404).end();
  } else if (part === "verdict") {
    response.writeHead(push.state === "yes" ? 200 : 409).end();
  } else if (part === "before" && push.state === "waiting") {
    push.state = "deciding";
    const received = await parseReceived(push, request);
    begin(response);
    push.state = (await push.steps.before(received, write)) ? "yes" : "no";
    response.end();
  } else if (part === "after" && push.state === "yes") {
    push.state = "after";
    begin(response);
    await push.steps.after(write);
    response.end();
  } else {
    // Each part is asked once, in order.
    response.writeHead(409).end();
  }
}

function begin(response: http.ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.flushHeaders();
}

async function parseReceived(push: Expected, request: http.IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > inputBytesMax) throw new Error("a hook's input is too long");
    chunks.push(chunk);
  }
  const commands = parseCommands(Buffer.concat(chunks).toString("utf8"));
  if (commands === undefined) throw new Error("a hook's input is not what git writes");
  if (request.headers.quarantine === undefined) return { commands, quarantine: undefined };
  const quarantine = await realpath(String(request.headers.quarantine));
  const objects = await realpath(`${push.repositoryPath}/objects`);
  if (dirname(quarantine) !== objects || !basename(quarantine).startsWith("tmp_objdir-"))
    throw new Error("a hook's quarantine is not in its repository");
  return { commands, quarantine };
}
