import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../../services/kernel/engine/port.ts";
import { createFakeEngine } from "./engine.ts";

/** What the fake has beyond the contract: the bad days of an engine, on demand. */
const spec = (name: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name,
  image: "any",
  command: ["run"],
  env: {},
  labels: { platform: "test" },
  network: { kind: "none" },
  ...more,
});

describe("the fake engine's bad days", () => {
  it("fails the next call of a kind, once", async () => {
    const engine = createFakeEngine();
    engine.failNext("createContainer", new Error("disk full"));
    await expect(engine.createContainer(spec("a"))).rejects.toThrow("disk full");
    const id = await engine.createContainer(spec("a"));
    expect(await engine.inspectContainer(id)).toMatchObject({ name: "a", state: "created" });
    expect(engine.callCounts).toEqual({ createContainer: 2, inspectContainer: 1 });
  });

  it("crashes a container with a status and a reason, at the time of its clock", async () => {
    let time = 0;
    const engine = createFakeEngine({ now: () => new Date(time) });
    const id = await engine.createContainer(spec("a"));
    await engine.startContainer(id);
    const waiting = engine.waitContainer(id);
    time = 5;
    engine.crash("a", 137, { isOutOfMemory: true });
    expect(await waiting).toEqual({ exitStatus: 137 });
    expect(await engine.inspectContainer(id)).toMatchObject({
      state: "exited",
      exitStatus: 137,
      isOutOfMemory: true,
      startedAt: new Date(0),
      finishedAt: new Date(5),
    });
  });

  it("kills all at its restart; those with a policy come back", async () => {
    const engine = createFakeEngine();
    const always = await engine.createContainer(spec("always", { restart: "always" }));
    const never = await engine.createContainer(spec("never"));
    const created = await engine.createContainer(spec("created", { restart: "always" }));
    await engine.startContainer(always);
    await engine.startContainer(never);
    const waiting = engine.waitContainer(never);
    engine.restartEngine();
    await expect(waiting).rejects.toMatchObject({ id: "service_unavailable" });
    const states = (await engine.listContainers({ platform: "test" })).map((fact) => [fact.id, fact.state]);
    expect(Object.fromEntries(states)).toEqual({ [always]: "running", [never]: "exited", [created]: "created" });
  });

  it("goes away and comes back: watches end, containers run on", async () => {
    const engine = createFakeEngine();
    const id = await engine.createContainer(spec("a", { outputBytesMax: 1 }));
    await engine.startContainer(id);
    const wakes = engine.watch({}, AbortSignal.timeout(9_000));
    expect((await wakes.next()).done).toBe(false);
    const next = wakes.next();
    engine.goAway();
    expect((await next).done).toBe(true);
    await expect(engine.info()).rejects.toMatchObject({ id: "service_unavailable" });
    engine.comeBack();
    expect(await engine.inspectContainer(id)).toMatchObject({ state: "running" });
    expect(engine.specOf("a").command).toEqual(["run"]);
  });
});
