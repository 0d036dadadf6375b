// Long because the fake implements the whole port, and its calls share one world.
import { createHash } from "node:crypto";
import type { ContainerFact, ContainerSpec, Engine, OutputLine } from "../../services/kernel/engine/port.ts";
import { Problem } from "../../services/kernel/problem.ts";
import { FakeNetwork } from "./network.ts";
import { FakeOutput, type FakeProgram, untilStopped } from "./process.ts";

/** The engine in memory. It passes test/contracts/engine.test.ts, so what holds for it holds for the real one. */
export interface FakeEngine extends Engine {
  /** The next call of that kind fails instead of doing anything. Default error: service_unavailable. */
  failNext(kind: keyof Engine, error?: Error): void;
  /** Ends a running container as if its process had ended by itself. @param id id or name. */
  crash(id: string, exitStatus: number, options?: { isOutOfMemory?: boolean }): void;
  print(id: string, stream: OutputLine["stream"], text: string | Uint8Array): void;
  /** What a container was made from. */
  specOf(id: string): ContainerSpec;
  /** No call is answered until {@link FakeEngine.comeBack}; watches and follows end. Containers run on. */
  goAway(): void;
  comeBack(): void;
  /** Stops and starts the engine: every container is killed, and only those with a restart policy come back. */
  restartEngine(): void;
  /** Calls so far, by kind. */
  readonly callCounts: Readonly<Partial<Record<keyof Engine, number>>>;
}

export interface FakeEngineOptions {
  /** Default: the real clock. */
  readonly now?: () => Date;
  /** Default: every image is there. */
  readonly images?: readonly string[];
  /** Default: {@link untilStopped}. */
  readonly programFor?: (spec: ContainerSpec) => FakeProgram;
}

interface FakeContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly output: FakeOutput;
  state: ContainerFact["state"];
  startCount: number;
  address?: string;
  exitStatus?: number;
  /** Of the former run too, while the next one goes on. */
  lastExitStatus: number;
  isOutOfMemory: boolean;
  isStoppedByHand: boolean;
  startedAt?: Date;
  finishedAt?: Date;
  hear?: (signal: string) => void;
}

export function createFakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const now = options.now ?? (() => new Date());
  const programFor = options.programFor ?? (() => untilStopped);
  const containers = new Map<string, FakeContainer>();
  const networks = new Map<string, FakeNetwork>();
  const failures = new Map<keyof Engine, Error[]>();
  const callCounts: Partial<Record<keyof Engine, number>> = {};
  const watchers = new Set<{ labels: Readonly<Record<string, string>>; pending: number }>();
  /** Counts the engine's absences: what was begun in an earlier life ends. */
  let life = 1;
  let isAway = false;
  let made = 0;
  let changed = Promise.withResolvers<void>();

  function called(kind: keyof Engine): void {
    callCounts[kind] = (callCounts[kind] ?? 0) + 1;
    if (isAway) throw gone();
    const failure = failures.get(kind)?.shift();
    if (failure !== undefined) throw failure;
  }

  function wakeAll(): void {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  }

  function tell(container: FakeContainer): void {
    for (const watcher of watchers) if (carries(container, watcher.labels)) watcher.pending++;
    wakeAll();
  }

  /** The next change of anything (or the one given), or the abort. */
  async function change(signal?: AbortSignal, next: Promise<void> = changed.promise): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = () => aborted.resolve();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    await Promise.race([next, aborted.promise]);
    signal?.removeEventListener("abort", onAbort);
  }

  const find = (id: string) =>
    containers.get(id) ?? [...containers.values()].find((container) => container.spec.name === id);

  function existing(id: string, what: string): FakeContainer {
    const container = find(id);
    if (container === undefined) throw new Problem("not_found", `Cannot ${what}: No such container: ${id}`);
    return container;
  }

  function start(container: FakeContainer): void {
    const { network } = container.spec;
    if (network.kind === "network") {
      const given = networks.get(network.name);
      if (given === undefined) throw new Problem("not_found", `Cannot start: network ${network.name} not found`);
      container.address = given.take(network.address);
    } else if (network.kind === "container") {
      const owner = find(network.id);
      if (owner?.state !== "running") throw new Problem("conflict", "Cannot start: its network's owner does not run");
    }
    container.state = "running";
    container.startCount++;
    container.startedAt = now();
    container.exitStatus = undefined;
    container.finishedAt = undefined;
    container.isOutOfMemory = false;
    container.isStoppedByHand = false;
    container.hear = undefined;
    tell(container);
    const run = container.startCount;
    programFor(container.spec)({
      spec: container.spec,
      startCount: run,
      print: (stream, text) => print(container, stream, text),
      exit: (status) => {
        if (container.startCount === run) end(container, status);
      },
      onSignal: (handler) => {
        container.hear = handler;
      },
    });
  }

  function print(container: FakeContainer, stream: OutputLine["stream"], text: string | Uint8Array): void {
    if (container.spec.outputBytesMax !== undefined) container.output.print(stream, text, now());
    wakeAll();
  }

  function end(container: FakeContainer, exitStatus: number, isOutOfMemory = false): void {
    if (container.state !== "running") return;
    container.output.end(now());
    container.state = "exited";
    container.exitStatus = exitStatus;
    container.lastExitStatus = exitStatus;
    container.isOutOfMemory = isOutOfMemory;
    container.finishedAt = now();
    if (container.address !== undefined && container.spec.network.kind === "network") {
      networks.get(container.spec.network.name)?.giveBack(container.address);
    }
    container.address = undefined;
    tell(container);
    // Not at once: whoever waits sees the end first.
    if (container.spec.restart === "always" && !container.isStoppedByHand) {
      queueMicrotask(() =>
        queueMicrotask(() => container.state === "exited" && find(container.id) && start(container)),
      );
    }
  }

  function fact(container: FakeContainer): ContainerFact {
    const { id, spec, state, address, exitStatus, isOutOfMemory, startedAt, finishedAt } = container;
    return {
      id,
      name: spec.name,
      labels: spec.labels,
      state,
      address,
      exitStatus,
      isOutOfMemory,
      startedAt,
      finishedAt,
    };
  }

  return {
    callCounts,

    async info() {
      called("info");
      return { version: "fake" };
    },

    async listContainers(labels) {
      called("listContainers");
      return [...containers.values()].filter((container) => carries(container, labels)).map(fact);
    },

    async createContainer(spec) {
      called("createContainer");
      const what = `create container ${spec.name}`;
      if (find(spec.name) !== undefined) throw new Problem("conflict", `Cannot ${what}: the name is in use`);
      if (options.images?.includes(spec.image) === false) {
        throw new Problem("not_found", `Cannot ${what}: No such image: ${spec.image}`);
      }
      const id = createHash("sha256").update(`${++made}`).digest("hex");
      const container: FakeContainer = {
        id,
        spec: structuredClone(spec) as ContainerSpec,
        output: new FakeOutput(),
        state: "created",
        startCount: 0,
        lastExitStatus: 0,
        isOutOfMemory: false,
        isStoppedByHand: false,
      };
      containers.set(id, container);
      tell(container);
      return id;
    },

    async startContainer(id) {
      called("startContainer");
      const container = existing(id, "start a container");
      if (container.state !== "running") start(container);
    },

    async killContainer(id, signal) {
      called("killContainer");
      const container = find(id);
      if (container?.state !== "running") return;
      container.isStoppedByHand = true;
      if (signal === "SIGKILL") end(container, 137);
      else container.hear?.(signal);
    },

    async removeContainer(id) {
      called("removeContainer");
      const container = find(id);
      if (container === undefined) return;
      container.isStoppedByHand = true;
      end(container, 137);
      containers.delete(container.id);
      tell(container);
    },

    async inspectContainer(id) {
      called("inspectContainer");
      const container = find(id);
      return container === undefined ? undefined : fact(container);
    },

    async waitContainer(id, signal) {
      called("waitContainer");
      signal?.throwIfAborted();
      const container = existing(id, "wait for a container");
      const begun = life;
      const { startCount } = container;
      while (container.state === "running" && container.startCount === startCount) {
        await change(signal);
        signal?.throwIfAborted();
        if (life !== begun) throw gone();
      }
      return { exitStatus: container.lastExitStatus };
    },

    async *followOutput(id, { since, signal }) {
      called("followOutput");
      const container = existing(id, "follow the output of a container");
      const begun = life;
      const { startCount } = container;
      let next = 0;
      while (!signal.aborted) {
        // Taken before the look: the reader of a line may do something that changes the world.
        const soon = changed.promise;
        const isOver = container.state !== "running" || container.startCount !== startCount;
        for (; next < container.output.lines.length; next++) {
          const line = container.output.lines[next];
          if (line === undefined || (since !== undefined && line.at < since)) continue;
          yield line;
          if (signal.aborted) return;
        }
        if (isOver) return;
        await change(signal, soon);
        if (life !== begun) throw gone();
      }
    },

    async *watch(labels, signal) {
      called("watch");
      if (signal.aborted) return;
      const begun = life;
      const watcher = { labels, pending: 1 };
      watchers.add(watcher);
      try {
        while (!signal.aborted && life === begun) {
          if (watcher.pending > 0) {
            watcher.pending--;
            yield;
          } else await change(signal);
        }
      } finally {
        watchers.delete(watcher);
      }
    },

    async ensureNetwork(spec) {
      called("ensureNetwork");
      if (networks.get(spec.name)?.isSame(spec)) return;
      if (usersOf(spec.name).length > 0) {
        throw new Problem("conflict", `Cannot change network ${spec.name} while containers are in it`);
      }
      networks.set(spec.name, new FakeNetwork(spec));
    },

    async removeNetwork(name) {
      called("removeNetwork");
      if (usersOf(name).some((container) => container.state === "running")) {
        throw new Problem("conflict", `Cannot remove network ${name} while containers run in it`);
      }
      networks.delete(name);
    },

    async hasImage(name) {
      called("hasImage");
      return options.images?.includes(name) ?? true;
    },

    failNext(kind, error = gone()) {
      failures.set(kind, [...(failures.get(kind) ?? []), error]);
    },

    crash(id, exitStatus, { isOutOfMemory } = {}) {
      end(existing(id, "crash a container"), exitStatus, isOutOfMemory);
    },

    print: (id, stream, text) => print(existing(id, "print"), stream, text),

    specOf: (id) => existing(id, "tell the spec of a container").spec,

    goAway() {
      isAway = true;
      life++;
      wakeAll();
    },

    comeBack() {
      isAway = false;
    },

    restartEngine() {
      life++;
      for (const container of containers.values()) {
        container.isStoppedByHand = true;
        end(container, 137);
      }
      for (const container of containers.values()) {
        if (container.spec.restart === "always" && container.state === "exited") start(container);
      }
      wakeAll();
    },
  };

  function usersOf(networkName: string): FakeContainer[] {
    return [...containers.values()].filter(
      ({ spec }) => spec.network.kind === "network" && spec.network.name === networkName,
    );
  }
}

function carries(container: FakeContainer, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => container.spec.labels[name] === value);
}

function gone(): Problem {
  return new Problem("service_unavailable", "The engine does not answer");
}
