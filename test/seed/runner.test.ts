import fc from "fast-check";
import { expect, test } from "vitest";
import { bootManifest, type Step } from "../../services/seed/manifest.ts";
import { type Check, done, missing, runSteps } from "../../services/seed/runner.ts";

const silent = { begin() {}, finish() {} };

/** The process died here: nothing after it happens, and nobody is told. */
class Killed extends Error {}

/**
 * A machine on which the real manifest is carried out. Each act leaves three effects, one after the other; the run can be killed
 * before each check, and between any two effects. An act needs all that the steps above it leave.
 */
function createMachine() {
  const effects = new Set<string>();
  const parts = ["begun", "half", "whole"];
  let ticks = 0;
  let killAt = Number.POSITIVE_INFINITY;
  const acted = new Map<string, number>();
  const tick = () => {
    ticks += 1;
    if (ticks === killAt) throw new Killed();
  };
  return {
    effects,
    acted,
    get ticks() {
      return ticks;
    },
    boot(at = Number.POSITIVE_INFINITY) {
      ticks = 0;
      killAt = at;
      return {
        async check(step: Step): Promise<Check> {
          tick();
          return effects.has(`${step.name}/whole`) ? done() : missing("not whole");
        },
        async act(step: Step) {
          acted.set(step.name, (acted.get(step.name) ?? 0) + 1);
          const before = bootManifest.slice(
            0,
            bootManifest.findIndex(({ name }) => name === step.name),
          );
          const lacking = before.find(({ name }) => !effects.has(`${name}/whole`));
          if (lacking !== undefined) throw new Error(`${step.name} ran without ${lacking.name}`);
          for (const part of parts) {
            tick();
            effects.add(`${step.name}/${part}`);
          }
        },
      };
    },
  };
}

const run = (execute: ReturnType<ReturnType<typeof createMachine>["boot"]>) =>
  runSteps(bootManifest, execute, silent, () => 0);

const whole = new Set(bootManifest.flatMap(({ name }) => ["begun", "half", "whole"].map((part) => `${name}/${part}`)));

test("an undisturbed boot does every step once, and a second one does nothing", async () => {
  const machine = createMachine();
  await run(machine.boot());
  expect(machine.effects).toEqual(whole);
  await run(machine.boot());
  expect([...machine.acted.values()].every((times) => times === 1)).toBe(true);
});

test("killed anywhere, the next run ends where an undisturbed one does", async () => {
  const undisturbed = createMachine();
  await run(undisturbed.boot());
  for (let at = 1; at <= undisturbed.ticks; at += 1) {
    const machine = createMachine();
    await expect(run(machine.boot(at))).rejects.toThrow(Killed);
    await run(machine.boot());
    expect(machine.effects).toEqual(whole);
    // Only the step that was cut off is done again.
    expect([...machine.acted.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(1);
  }
});

test("killed again and again, it still gets there", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 12 }), async (kills) => {
      const machine = createMachine();
      for (const at of kills) await run(machine.boot(at)).catch((error) => expect(error).toBeInstanceOf(Killed));
      await run(machine.boot());
      expect(machine.effects).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test("a step that was done and is still not there ends the run", async () => {
  const shown: string[] = [];
  const lying = { check: async () => missing("not there"), act: async () => {} };
  const terminal = { begin() {}, finish: (mark: string, name: string) => shown.push(`${mark} ${name}`) };
  await expect(runSteps(bootManifest, lying, terminal, () => 0)).rejects.toThrow(/Bug: host packages was done/);
  expect(shown).toEqual(["failed host packages"]);
});

test("names of steps tell them apart", () => {
  expect(new Set(bootManifest.map(({ name }) => name)).size).toBe(bootManifest.length);
});
