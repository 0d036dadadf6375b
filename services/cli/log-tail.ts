import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../kernel/problem.ts";
import { EventParser } from "./event-parser.ts";
import { textOf } from "./text-stream.ts";

const failuresMax = 20;
const waitMs = 1_000;

/**
 * Lines as they come, for ever. A stream that ends or breaks is opened again after the last line that came: the log service restarts
 * with every deploy of the platform, and whoever watches should see the deploy to its end.
 * @param open asks the API for a session's URL; they expire.
 * @throws Problem when there is no stream to be had for a while.
 */
export async function* tailSession(open: () => Promise<string>): AsyncGenerator<string> {
  let lastId = "";
  let hasOpened = false;
  for (let failures = 0; ; ) {
    try {
      const parser = new EventParser();
      const headers = { accept: "text/event-stream", ...(lastId === "" ? {} : { "last-event-id": lastId }) };
      for await (const text of textOf(await open(), headers)) {
        hasOpened = true;
        failures = 0;
        for (const event of parser.push(text)) {
          lastId = event.id ?? lastId;
          yield event.data;
        }
      }
    } catch (thrown) {
      const isPassing = thrown instanceof Problem && thrown.id === "service_unavailable";
      if (!isPassing || !hasOpened || ++failures > failuresMax) throw thrown;
    }
    await sleep(waitMs);
  }
}
