// Long because it is one contract: every case holds for the fake and for the real engine.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ContainerSpec, NetworkSpec, OutputLine } from "../../services/kernel/engine/port.ts";
import type { FakeProgram } from "../fakes/process.ts";
import { dockerWorld, fakeWorld, type World } from "./worlds.ts";

const label = `contract-${process.pid}`;
const ours = { "quine.contract": label };
const network: NetworkSpec = {
  name: label,
  bridge: `qn-c${process.pid}`,
  subnet: "10.247.0.0/16",
  pool: "10.247.128.0/17",
  gateway: "10.247.0.1",
  mtu: 1400,
  labels: ours,
};

const idle: [string, FakeProgram] = [
  "trap 'exit 143' TERM; sleep infinity & wait",
  (process) => process.onSignal(() => process.exit(143)),
];
const exits = (status: number): [string, FakeProgram] => [`exit ${status}`, (process) => process.exit(status)];

describe.each([
  { name: "fake", open: fakeWorld as () => Promise<World> },
  { name: "docker", open: dockerWorld },
])("the engine: $name", ({ open }) => {
  let world: World;
  let made = 0;

  beforeAll(async () => {
    world = await open();
  });

  afterEach(async () => {
    // Those that live in another's network go first.
    const left = await world.engine.listContainers(ours);
    await Promise.all(left.map((container) => world.engine.removeContainer(container.id)));
    await world.engine.removeNetwork(network.name);
  });

  const spec = ([shell, fake]: [string, FakeProgram], more: Partial<ContainerSpec> = {}): ContainerSpec => ({
    name: `${label}-${++made}`,
    image: world.image,
    command: world.program(shell, fake),
    env: {},
    labels: ours,
    network: { kind: "none" },
    outputBytesMax: 1024 * 1024,
    ...more,
  });

  async function run(program: [string, FakeProgram], more: Partial<ContainerSpec> = {}): Promise<string> {
    const id = await world.engine.createContainer(spec(program, more));
    await world.engine.startContainer(id);
    return id;
  }

  async function outputOf(id: string, since?: Date): Promise<OutputLine[]> {
    const lines: OutputLine[] = [];
    const signal = AbortSignal.timeout(30_000);
    for await (const line of world.engine.followOutput(id, { since, signal })) lines.push(line);
    signal.throwIfAborted();
    return lines;
  }

  async function outputUntil(id: string, text: string): Promise<OutputLine[]> {
    const lines: OutputLine[] = [];
    for await (const line of world.engine.followOutput(id, { signal: AbortSignal.timeout(30_000) })) {
      lines.push(line);
      if (line.text === text) return lines;
    }
    throw new Error(`${text} was never printed`);
  }

  /** Awaits a state of the world, looking again at each wake-up. */
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    for await (const _ of world.engine.watch(ours, signal)) if (await isSo()) return;
    throw new Error("It never came to be");
  }

  it("tells its version and whether it has an image", async () => {
    expect((await world.engine.info()).version).not.toBe("");
    expect(await world.engine.hasImage(world.image)).toBe(true);
    expect(await world.engine.hasImage("quine/nothing:none")).toBe(false);
  });

  describe("a container's life", () => {
    it("is created, running, exited, gone", async () => {
      const id = await world.engine.createContainer(spec(idle, { name: `${label}-life` }));
      expect(await world.engine.inspectContainer(id)).toEqual({
        id,
        name: `${label}-life`,
        labels: ours,
        state: "created",
        address: undefined,
        exitStatus: undefined,
        isOutOfMemory: false,
        startedAt: undefined,
        finishedAt: undefined,
      });

      await world.engine.startContainer(id);
      const running = await world.engine.inspectContainer(id);
      expect(running).toMatchObject({ state: "running", exitStatus: undefined, finishedAt: undefined });
      expect(running?.startedAt).toBeInstanceOf(Date);

      await world.engine.killContainer(id, "SIGKILL");
      expect(await world.engine.waitContainer(id)).toEqual({ exitStatus: 137 });
      const exited = await world.engine.inspectContainer(id);
      expect(exited).toMatchObject({ state: "exited", exitStatus: 137, startedAt: running?.startedAt });
      expect(exited?.finishedAt?.getTime()).toBeGreaterThanOrEqual(running?.startedAt?.getTime() ?? Infinity);

      await world.engine.removeContainer(id);
      expect(await world.engine.inspectContainer(id)).toBeUndefined();
    });

    it("gives a name to one container only", async () => {
      const first = await world.engine.createContainer(spec(idle, { name: `${label}-twice` }));
      await expect(world.engine.createContainer(spec(idle, { name: `${label}-twice` }))).rejects.toMatchObject({
        name: "Problem",
        id: "conflict",
      });
      await world.engine.removeContainer(first);
      await expect(world.engine.createContainer(spec(idle, { name: `${label}-twice` }))).resolves.toMatch(/^\w+$/);
    });

    it("of ten that want one name, one gets it", async () => {
      const wanted = Array.from({ length: 10 }, () =>
        world.engine.createContainer(spec(idle, { name: `${label}-race` })),
      );
      const outcomes = await Promise.allSettled(wanted);
      expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    });

    it("needs an image that is there", async () => {
      await expect(world.engine.createContainer(spec(idle, { image: "quine/nothing:none" }))).rejects.toMatchObject({
        id: "not_found",
      });
    });

    it("starts once, however often it is asked", async () => {
      const id = await run(["echo once; sleep infinity", (process) => process.print("stdout", "once\n")]);
      await world.engine.startContainer(id);
      await world.engine.killContainer(id, "SIGKILL");
      expect((await outputOf(id)).map((line) => line.text)).toEqual(["once"]);
    });

    it("cannot be started or waited for when it is gone", async () => {
      const id = await world.engine.createContainer(spec(idle));
      await world.engine.removeContainer(id);
      await expect(world.engine.startContainer(id)).rejects.toMatchObject({ id: "not_found" });
      await expect(world.engine.waitContainer(id)).rejects.toMatchObject({ id: "not_found" });
    });

    it.each([0, 1, 3, 255])("ends with status %i", async (status) => {
      const id = await run(exits(status));
      expect(await world.engine.waitContainer(id)).toEqual({ exitStatus: status });
      // Asked again, it answers at once.
      expect(await world.engine.waitContainer(id)).toEqual({ exitStatus: status });
      expect(await world.engine.inspectContainer(id)).toMatchObject({ state: "exited", exitStatus: status });
    });

    it("hears a signal and may end as it likes", async () => {
      const id = await run([
        "trap 'echo asked; exit 7' TERM; echo ready; sleep infinity & wait",
        (process) => {
          process.print("stdout", "ready\n");
          process.onSignal(() => {
            process.print("stdout", "asked\n");
            process.exit(7);
          });
        },
      ]);
      for await (const line of world.engine.followOutput(id, { signal: AbortSignal.timeout(30_000) })) {
        if (line.text === "ready") await world.engine.killContainer(id, "SIGTERM");
      }
      expect(await world.engine.waitContainer(id)).toEqual({ exitStatus: 7 });
      expect((await outputOf(id)).map((line) => line.text)).toEqual(["ready", "asked"]);
    });

    it("can be signalled when it does not run, or is gone", async () => {
      const id = await world.engine.createContainer(spec(exits(0)));
      await world.engine.killContainer(id, "SIGTERM");
      await world.engine.startContainer(id);
      await world.engine.waitContainer(id);
      await world.engine.killContainer(id, "SIGTERM");
      await world.engine.removeContainer(id);
      await world.engine.killContainer(id, "SIGKILL");
      expect(await world.engine.inspectContainer(id)).toBeUndefined();
    });

    it("is removed while it runs, twice at once and once more", async () => {
      const id = await run(idle);
      const waiting = world.engine.waitContainer(id);
      await Promise.all([world.engine.removeContainer(id), world.engine.removeContainer(id)]);
      await world.engine.removeContainer(id);
      expect(await world.engine.inspectContainer(id)).toBeUndefined();
      expect(await waiting).toEqual({ exitStatus: 137 });
    });

    it("waits no longer than the signal says", async () => {
      const id = await run(idle);
      const abort = new AbortController();
      const waiting = world.engine.waitContainer(id, abort.signal);
      abort.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      await expect(world.engine.waitContainer(id, abort.signal)).rejects.toThrow("enough");
    });

    it("stays ended when nothing says otherwise, and comes back where the spec says always", async () => {
      const once: [string, FakeProgram] = [
        "[ -e /ran ] && exec sleep infinity; touch /ran; echo first; exit 4",
        (process) => {
          if (process.startCount > 1) return;
          process.print("stdout", "first\n");
          process.exit(4);
        },
      ];
      const never = await run(once);
      expect(await world.engine.waitContainer(never)).toEqual({ exitStatus: 4 });
      const always = await run(once, { restart: "always" });
      const [first] = await outputUntil(always, "first");
      await until(async () => {
        const fact = (await world.engine.listContainers(ours)).find(({ id }) => id === always);
        return fact?.state === "running" && first !== undefined && (fact.startedAt ?? first.at) > first.at;
      });
      expect(await world.engine.inspectContainer(never)).toMatchObject({ state: "exited", exitStatus: 4 });
    });
  });

  describe("the list", () => {
    it("holds those that carry all the labels, in any state, with the facts an inspection gives", async () => {
      const created = await world.engine.createContainer(spec(idle));
      const running = await run(idle, { labels: { ...ours, colour: "red" } });
      const exited = await run(exits(9), { labels: { ...ours, colour: "red" } });
      await world.engine.waitContainer(exited);

      const all = await world.engine.listContainers(ours);
      expect(new Set(all.map((fact) => fact.id))).toEqual(new Set([created, running, exited]));
      // Twice: the second answer may come from what the first one learnt.
      for (const list of [all, await world.engine.listContainers(ours)]) {
        for (const fact of list) expect(fact).toEqual(await world.engine.inspectContainer(fact.id));
      }
      const red = await world.engine.listContainers({ ...ours, colour: "red" });
      expect(new Set(red.map((fact) => fact.id))).toEqual(new Set([running, exited]));
      expect(await world.engine.listContainers({ ...ours, colour: "blue" })).toEqual([]);
    });
  });

  describe("output", () => {
    it("comes in order, by stream, and ends with the container", async () => {
      const id = await run([
        "for i in $(seq 500); do echo out $i; echo err $i >&2; done; printf 'no end'",
        (process) => {
          for (let i = 1; i <= 500; i++) {
            process.print("stdout", `out ${i}\n`);
            process.print("stderr", `err ${i}\n`);
          }
          process.print("stdout", "no end");
          process.exit(0);
        },
      ]);
      const lines = await outputOf(id);
      const numbers = Array.from({ length: 500 }, (_, index) => index + 1);
      const of = (stream: string) => lines.filter((line) => line.stream === stream).map((line) => line.text);
      expect(of("stdout")).toEqual([...numbers.map((number) => `out ${number}`), "no end"]);
      expect(of("stderr")).toEqual(numbers.map((number) => `err ${number}`));
      for (const line of lines) expect(line.at.getTime()).toBeGreaterThan(0);
    });

    it("comes while the container runs, and is followed until the signal", async () => {
      const id = await run([
        "trap 'echo again' USR1; echo first; while :; do sleep infinity & wait; done",
        (process) => {
          process.print("stdout", "first\n");
          process.onSignal(() => process.print("stdout", "again\n"));
        },
      ]);
      const abort = new AbortController();
      const seen: string[] = [];
      for await (const line of world.engine.followOutput(id, { signal: abort.signal })) {
        seen.push(line.text);
        if (line.text === "first") await world.engine.killContainer(id, "SIGUSR1");
        if (line.text === "again") abort.abort();
      }
      expect(seen).toEqual(["first", "again"]);
      expect(await world.engine.inspectContainer(id)).toMatchObject({ state: "running" });
    });

    it("begins where it is told to", async () => {
      const id = await run([
        "echo one; echo two",
        (process) => {
          process.print("stdout", "one\ntwo\n");
          process.exit(0);
        },
      ]);
      await world.engine.waitContainer(id);
      const all = await outputOf(id);
      expect(all.map((line) => line.text)).toEqual(["one", "two"]);
      const first = all[0]?.at ?? new Date(NaN);
      const last = all[1]?.at ?? new Date(NaN);
      expect((await outputOf(id, first)).map((line) => line.text)).toEqual(["one", "two"]);
      expect((await outputOf(id, last)).at(-1)?.text).toBe("two");
      expect(await outputOf(id, new Date(last.getTime() + 1))).toEqual([]);
    });

    it("keeps long lines whole up to 64 KB, and splits longer ones", async () => {
      const lengths = [0, 16_383, 16_384, 16_385, 65_536, 65_537, 200_000];
      const id = await run([
        `for n in ${lengths.join(" ")}; do head -c $n /dev/zero | tr '\\0' x; echo; done`,
        (process) => {
          for (const length of lengths) process.print("stdout", `${"x".repeat(length)}\n`);
          process.exit(0);
        },
      ]);
      const got = (await outputOf(id)).map((line) => line.text.length);
      expect(got).toEqual([0, 16_383, 16_384, 16_385, 65_536, 65_536, 1, 65_536, 65_536, 65_536, 3_392]);
    });

    it("carries any bytes; what is not text is replaced, nothing is lost after it", async () => {
      const id = await run([
        "printf 'a\\000b\\r\\n\\377\\376\\nend \\303\\244\\n'",
        (process) => {
          process.print("stdout", Buffer.from("6100620d0afffe0a656e6420c3a40a", "hex"));
          process.exit(0);
        },
      ]);
      expect((await outputOf(id)).map((line) => line.text)).toEqual(["a\0b\r", "\uFFFD\uFFFD", "end ä"]);
    });

    it("is none where none is kept, and where nothing was started", async () => {
      const silent = await run(["echo unheard", (process) => process.exit(0)], { outputBytesMax: undefined });
      await world.engine.waitContainer(silent);
      expect(await outputOf(silent)).toEqual([]);
      expect(await outputOf(await world.engine.createContainer(spec(idle)))).toEqual([]);
    });

    it("of a container that is gone is a problem", async () => {
      const id = await world.engine.createContainer(spec(idle));
      await world.engine.removeContainer(id);
      await expect(outputOf(id)).rejects.toMatchObject({ id: "not_found" });
    });
  });

  describe("the watch", () => {
    it("wakes at once, at every change of ours and at none of others", async () => {
      const abort = new AbortController();
      const wakes = world.engine.watch(ours, abort.signal)[Symbol.asyncIterator]();
      expect((await wakes.next()).done).toBe(false);

      let isAwake = false;
      const second = wakes.next().then((result) => {
        isAwake = true;
        return result;
      });
      const foreign = await world.engine.createContainer(spec(idle, { labels: { "quine.contract": "other" } }));
      await world.engine.removeContainer(foreign);
      await world.engine.info();
      expect(isAwake).toBe(false);

      const id = await world.engine.createContainer(spec(exits(0)));
      expect((await second).done).toBe(false);
      await world.engine.startContainer(id);
      expect((await wakes.next()).done).toBe(false);
      await world.engine.waitContainer(id);
      expect((await wakes.next()).done).toBe(false);
      await world.engine.removeContainer(id);
      expect((await wakes.next()).done).toBe(false);

      const last = wakes.next();
      abort.abort();
      expect((await last).done).toBe(true);
    });
  });

  describe("the network", () => {
    it("gives the address that was asked for, and others from the pool", async () => {
      await world.engine.ensureNetwork(network);
      const at = (address?: string) => run(idle, { network: { kind: "network", name: network.name, address } });
      const fixed = await world.engine.inspectContainer(await at("10.247.0.9"));
      const first = await world.engine.inspectContainer(await at());
      const second = await world.engine.inspectContainer(await at());
      expect(fixed?.address).toBe("10.247.0.9");
      for (const pooled of [first, second]) {
        const [, , third = "0"] = pooled?.address?.split(".") ?? [];
        expect(pooled?.address).toMatch(/^10\.247\.\d+\.\d+$/);
        expect(Number(third)).toBeGreaterThanOrEqual(128);
      }
      expect(first?.address).not.toBe(second?.address);
    });

    it("gives an address to one running container only, and takes it back", async () => {
      await world.engine.ensureNetwork(network);
      const place = { network: { kind: "network", name: network.name, address: "10.247.0.9" } } as const;
      const first = await run(idle, place);
      const second = await world.engine.createContainer(spec(idle, place));
      await expect(world.engine.startContainer(second)).rejects.toMatchObject({ id: "conflict" });
      await world.engine.removeContainer(first);
      await world.engine.startContainer(second);
      expect((await world.engine.inspectContainer(second))?.address).toBe("10.247.0.9");
    });

    it("shares a container's place with those that join it, while it runs", async () => {
      await world.engine.ensureNetwork(network);
      const owner = await run(idle, { network: { kind: "network", name: network.name } });
      const join = { network: { kind: "container", id: owner } } as const;
      const guest = await world.engine.inspectContainer(await run(idle, join));
      expect(guest).toMatchObject({ state: "running", address: undefined });
      await world.engine.killContainer(owner, "SIGKILL");
      await world.engine.waitContainer(owner);
      const late = world.engine.createContainer(spec(idle, join)).then((id) => world.engine.startContainer(id));
      await expect(late).rejects.toMatchObject({ id: "conflict" });
    });

    it("is made once, made again when it is unused and should differ, and left alone when it is used", async () => {
      await world.engine.ensureNetwork(network);
      await world.engine.ensureNetwork(network);
      await world.engine.ensureNetwork({ ...network, mtu: 1300 });
      const user = await world.engine.createContainer(spec(idle, { network: { kind: "network", name: network.name } }));
      await world.engine.ensureNetwork({ ...network, mtu: 1300 });
      await expect(world.engine.ensureNetwork(network)).rejects.toMatchObject({ id: "conflict" });
      await world.engine.startContainer(user);
      await expect(world.engine.removeNetwork(network.name)).rejects.toMatchObject({ id: "conflict" });
      await world.engine.removeContainer(user);
      await world.engine.removeNetwork(network.name);
      await world.engine.removeNetwork(network.name);
    });
  });
});
