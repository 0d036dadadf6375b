// Long because it is the whole port, call by call, in the only file that knows dockerode (Docker Engine 20.10 and newer).
import { setTimeout } from "node:timers/promises";
import Dockerode from "dockerode";
import { Problem } from "../problem.ts";
import { dockerContainer } from "./docker-container.ts";
import { inspectedFact, type ListedContainer, listedFact, secondsUp, stateNamed } from "./docker-fact.ts";
import { dockerNetwork, networkDifference } from "./docker-network.ts";
import { OutputReader } from "./docker-output.ts";
import { explained, statusOf } from "./docker-problem.ts";
import type { ContainerFact, Engine } from "./port.ts";

/** The engine may be slow under load, but a call that takes longer has hung. */
const callTimeoutMs = 60_000;
/** Containers inspected at a time by one list. */
const inspectsMax = 8;
/** Start times remembered; forgetting them all costs one inspection each. */
const startTimesMax = 10_000;
const followPauseMs = 50;

/** @param socketPath the engine's unix socket. Nothing is asked of the engine yet. */
export function createDockerEngine(socketPath: string): Engine {
  const short = new Dockerode({ socketPath, timeout: callTimeoutMs });
  // Waits, follows and watches take as long as they take: whoever asks gives a signal.
  const long = new Dockerode({ socketPath });
  const startTimes = new Map<string, Date>();

  /** Runs one call; a refusal the caller expects becomes its value, any other an error that says what could not be done. */
  async function ask<T>(what: string, call: () => Promise<T>, expected: Readonly<Record<number, () => T>> = {}) {
    try {
      return await call();
    } catch (cause) {
      const status = statusOf(cause);
      const fine = status === undefined ? undefined : expected[status];
      if (fine !== undefined) return fine();
      throw explained(what, cause, socketPath);
    }
  }

  const inspect = (id: string): Promise<ContainerFact | undefined> =>
    ask<ContainerFact | undefined>(
      `look at container ${shortId(id)}`,
      async () => inspectedFact(await short.getContainer(id).inspect()),
      { 404: () => undefined },
    );

  /**
   * The list tells all but times and exit statuses. Ended containers are inspected for theirs; running ones once, since a start
   * time stays, unless the list says that it started again since.
   */
  async function completed(listed: ListedContainer, now: Date): Promise<ContainerFact | undefined> {
    const state = stateNamed(listed.State);
    if (state === "created") return listedFact(listed, undefined);
    const known = startTimes.get(listed.Id);
    if (state === "running" && known !== undefined && !mayBeYoungerThan(listed, known, now)) {
      return listedFact(listed, known);
    }
    const fact = await inspect(listed.Id);
    if (fact?.state === "running" && fact.startedAt !== undefined) startTimes.set(listed.Id, fact.startedAt);
    else startTimes.delete(listed.Id);
    return fact;
  }

  return {
    async info() {
      const { Version } = await ask("ask the engine for its version", () => short.version());
      return { version: Version };
    },

    async listContainers(labels) {
      const listed = await ask("list the containers", () =>
        short.listContainers({ all: true, filters: { label: labelFilter(labels) } }),
      );
      const now = new Date();
      if (startTimes.size > startTimesMax) startTimes.clear();
      const facts = await inTurns(listed, inspectsMax, (one) => completed(one, now));
      return facts.filter((fact) => fact !== undefined);
    },

    async createContainer(spec) {
      const container = await ask(`create container ${spec.name}`, () => short.createContainer(dockerContainer(spec)));
      return container.id;
    },

    async startContainer(id) {
      startTimes.delete(id);
      await ask<unknown>(`start container ${shortId(id)}`, () => short.getContainer(id).start(), { 304: () => {} });
    },

    async killContainer(id, signal) {
      try {
        await short.getContainer(id).kill({ signal });
      } catch (cause) {
        if (statusOf(cause) === 404 || statusOf(cause) === 409) return;
        // A process that ends meanwhile makes some engines answer 500: what counts is whether it runs.
        if (statusOf(cause) === 500 && (await inspect(id))?.state !== "running") return;
        throw explained(`send ${signal} to container ${shortId(id)}`, cause, socketPath);
      }
    },

    async removeContainer(id) {
      startTimes.delete(id);
      const container = short.getContainer(id);
      await ask<unknown>(`remove container ${shortId(id)}`, () => container.remove({ force: true, v: true }), {
        404: () => {},
        // Another call removes it already: done when that is done.
        409: () => container.wait({ condition: "removed" }).catch(() => {}),
      });
    },

    inspectContainer: inspect,

    async waitContainer(id, signal) {
      signal?.throwIfAborted();
      const wait = () => long.getContainer(id).wait({ condition: "not-running", ...abortable(signal) });
      const { StatusCode } = await ask(`wait for container ${shortId(id)}`, wait).catch((error) => {
        signal?.throwIfAborted();
        throw error;
      });
      return { exitStatus: StatusCode };
    },

    async *followOutput(id, { since, signal }) {
      if (signal.aborted) return;
      const container = long.getContainer(id);
      const reader = new OutputReader();
      const request = { stdout: true, stderr: true, timestamps: true, abortSignal: signal };
      let from = since === undefined ? {} : { since: unixSeconds(since) };
      try {
        const { StartedAt } = (await container.inspect({ abortSignal: signal })).State;
        // A follow may end a little before the container does (seen with 20.10): then it is taken up again where it ended.
        for (let isOver = false; !isOver; ) {
          for await (const chunk of bytesOf(await container.logs({ ...request, ...from, follow: true }))) {
            yield* reader.read(chunk);
          }
          const { State } = await container.inspect({ abortSignal: signal });
          isOver = stateNamed(State.Status) !== "running" || State.StartedAt !== StartedAt;
          from = reader.resume() ?? from;
          if (!isOver) await setTimeout(followPauseMs, undefined, { signal });
        }
        yield* reader.read(await container.logs({ ...request, ...from, follow: false }));
      } catch (cause) {
        if (signal.aborted) return;
        // 501: it was made to keep no output. Gone after the start: its output went with it.
        const isEnd = statusOf(cause) === 501 || (statusOf(cause) === 404 && reader.hasBegun);
        if (!isEnd) throw explained(`follow the output of container ${shortId(id)}`, cause, socketPath);
      }
      yield* reader.end();
    },

    async *watch(labels, signal) {
      if (signal.aborted) return;
      // Since now: what happens between the request and the engine's subscription is told too.
      const since = unixSeconds(new Date());
      const request = { type: ["container" as const], label: labelFilter(labels), event: [...changes] };
      let events: NodeJS.ReadableStream;
      try {
        events = await long.getEvents({ since: since as unknown as number, filters: request, abortSignal: signal });
      } catch (cause) {
        if (signal.aborted) return;
        throw explained("watch the containers", cause, socketPath);
      }
      yield;
      try {
        for await (const chunk of bytesOf(events)) {
          for (const byte of chunk) if (byte === 0x0a) yield;
        }
      } catch {
        // The engine went, or the caller has seen enough: both are the end.
      }
    },

    async ensureNetwork(spec) {
      const what = `create network ${spec.name}`;
      const wanted = dockerNetwork(spec);
      const find = () =>
        ask(what, async () => (await short.getNetwork(spec.name).inspect()) as unknown, { 404: () => {} });
      const found = await find();
      if (found !== undefined) {
        const difference = networkDifference(wanted, found);
        if (difference === undefined) return;
        const users = await ask(what, () => short.listContainers({ all: true, filters: { network: [spec.name] } }));
        if (users.length > 0) {
          const names = users.map((user) => (user.Names[0] ?? user.Id).replace(/^\//, "")).slice(0, 5);
          throw new Problem(
            "conflict",
            `Cannot change network ${spec.name} (${difference}) while containers are in it: remove them first (${names.join(", ")})`,
          );
        }
        await ask<unknown>(`remove network ${spec.name}`, () => short.getNetwork(spec.name).remove(), {
          404: () => {},
        });
      }
      await ask<unknown>(what, () => short.createNetwork(wanted), {
        // Someone else made it meanwhile: fine when it is the one wanted.
        409: () => undefined,
      });
      const difference = networkDifference(wanted, await find());
      if (difference !== undefined) {
        throw new Problem(
          "conflict",
          `Cannot create network ${spec.name}: another of that name exists (${difference})`,
        );
      }
    },

    async removeNetwork(name) {
      await ask<unknown>(`remove network ${name}`, () => short.getNetwork(name).remove(), { 404: () => {} });
    },

    hasImage: (name) =>
      ask(`look for image ${name}`, async () => (await short.getImage(name).inspect()).Id !== "", {
        404: () => false,
      }),
  };
}

/** Events after which a list or an inspection may say something else. */
const changes = ["create", "start", "die", "oom", "destroy", "pause", "unpause", "rename"] as const;

function labelFilter(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

/** True when it may have started later than we remember: the list says so, or is not exact enough to tell. */
function mayBeYoungerThan(listed: ListedContainer, knownStart: Date, now: Date): boolean {
  const seconds = secondsUp(listed.Status);
  return seconds !== undefined && (seconds < 10 || now.getTime() - seconds * 1000 - knownStart.getTime() > 2_000);
}

async function inTurns<T, R>(items: readonly T[], atOnceMax: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
  return results;
}

/** Seconds with the fraction, as the engine's `since` wants them. */
function unixSeconds(date: Date): string {
  return (date.getTime() / 1000).toFixed(9);
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** dockerode's streams are responses in object clothing: bytes come out of them. */
function bytesOf(stream: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  return stream as unknown as AsyncIterable<Uint8Array>;
}

function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}
