import fc from "fast-check";
import { expect, test } from "vitest";
import type { DesiredApp } from "../../services/kernel/desired.ts";
import { defaultLimits } from "../../services/runtime/limits.ts";
import { plan, type Step } from "../../services/runtime/plan.ts";
import { type ActualDyno, slotKey, type World } from "../../services/runtime/world.ts";
import { app, at, dyno, release, world } from "../worlds/dynos.ts";

/** Applies a plan to its world as the runtime would if every step went well and every dyno became healthy at once. */
function applied(of: World, steps: readonly Step[], round: number): World {
  let dynos = [...of.dynos];
  for (const [index, step] of steps.entries()) {
    if (step.kind === "start") {
      const { slot } = step;
      dynos.push(
        dyno({
          id: `${slot.app.id}-${slot.name}-${round}-${index}`,
          appId: slot.app.id,
          name: slot.name,
          releaseId: slot.release.id,
          releaseVersion: slot.release.version,
          createdAt: at(10 + round),
          startedAt: at(10 + round),
        }),
      );
    } else if (step.kind === "stop" || step.kind === "kill") {
      dynos = dynos.map((one) =>
        one === step.dyno ? { ...one, state: "exited" as const, stoppingSince: at(1) } : one,
      );
    } else if (step.kind === "bury") dynos = dynos.filter((one) => one !== step.dyno);
  }
  return { ...of, dynos };
}

const appIds = ["a", "b"];
const anyApp = (id: string): fc.Arbitrary<DesiredApp> =>
  fc
    .record({ version: fc.integer({ min: 1, max: 3 }), web: fc.nat(3), worker: fc.nat(2), isRestarted: fc.boolean() })
    .map((given) =>
      app({
        id,
        name: id,
        release: release(given.version),
        formation: [
          { type: "web", quantity: given.web, size: "basic" },
          { type: "worker", quantity: given.worker, size: "basic" },
        ],
        restarts: given.isRestarted ? [{ requestedAt: at(1).toISOString() }] : [],
      }),
    );
const anyDyno: fc.Arbitrary<ActualDyno> = fc
  .record({
    id: fc.uuid(),
    appId: fc.constantFrom("a", "b", "gone"),
    name: fc.constantFrom("web.1", "web.2", "web.3", "web.4", "worker.1", "worker.2"),
    releaseVersion: fc.integer({ min: 1, max: 3 }),
    state: fc.constantFrom("created", "starting", "up", "exited"),
    seconds: fc.integer({ min: -50, max: 3 }),
    isStopping: fc.boolean(),
  })
  .map((given) =>
    dyno({
      ...given,
      createdAt: at(given.seconds),
      startedAt: at(given.seconds),
      stoppingSince: given.isStopping ? at(0) : undefined,
    } as Partial<ActualDyno>),
  );
const anyWorld = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...appIds)), fc.array(anyDyno, { maxLength: 12 }))
  .chain(([ids, dynos]) => fc.tuple(...ids.map(anyApp)).map((apps) => world({ dynos }, apps)));

test("following plans comes to rest, with exactly the dynos that are wanted", () => {
  fc.assert(
    fc.property(anyWorld, (start) => {
      let now = start;
      for (let round = 0; round < 8; round += 1) {
        const { steps } = plan(now, defaultLimits, at(4));
        now = applied(now, steps, round);
        now = {
          ...now,
          dynos: now.dynos.map((one) => (one.state === "starting" ? { ...one, state: "up" as const } : one)),
        };
      }
      // Dynos asked to stop before the plan end by themselves, in time.
      now = { ...now, dynos: now.dynos.filter((one) => one.stoppingSince === undefined) };
      expect(plan(now, defaultLimits, at(4)).steps).toEqual([]);
      const wanted = now.desired.apps.flatMap((one) =>
        one.formation.flatMap((entry) =>
          Array.from({ length: entry.quantity }, (_, index) => slotKey(one.id, `${entry.type}.${index + 1}`)),
        ),
      );
      const alive = now.dynos.filter((one) => one.state !== "exited").map((one) => slotKey(one.appId, one.name));
      expect(alive.toSorted()).toEqual(wanted.toSorted());
    }),
    { numRuns: 500 },
  );
});

test("a plan has one step for a key, and each says why", () => {
  fc.assert(
    fc.property(anyWorld, (given) => {
      const { steps } = plan(given, defaultLimits, at(4));
      expect(new Set(steps.map((step) => step.key)).size).toBe(steps.length);
      for (const step of steps) expect(step.because).not.toBe("");
    }),
  );
});

test("a web dyno that is up is never stopped for a release before its successor is up", () => {
  fc.assert(
    fc.property(anyWorld, (given) => {
      for (const step of plan(given, defaultLimits, at(4)).steps) {
        if (step.kind !== "stop" || step.dyno.state !== "up") continue;
        const wanted = given.desired.apps.find((one) => one.id === step.dyno.appId);
        const place = wanted?.formation.find((entry) => entry.type === step.dyno.type);
        if (place === undefined || Number(step.dyno.name.split(".")[1]) > place.quantity) continue;
        const successors = given.dynos.filter(
          (one) =>
            one !== step.dyno && one.appId === step.dyno.appId && one.name === step.dyno.name && one.state === "up",
        );
        expect(successors.length).toBeGreaterThan(0);
      }
    }),
  );
});
