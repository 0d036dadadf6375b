import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseBackend } from "../../services/router/choose-backend.ts";

const load = (name: string, inFlight: number, quarantinedUntilMs = 0) => ({ name, inFlight, quarantinedUntilMs });
const none = new Set<ReturnType<typeof load>>();

test("the less loaded of two picks", () => {
  const backends = [load("a", 5), load("b", 1), load("c", 0)];
  expect(chooseBackend(backends, none, 0, [0, 0])?.name).toBe("b");
  expect(chooseBackend(backends, none, 0, [0, 0.9])?.name).toBe("c");
  expect(chooseBackend(backends, none, 0, [0.9, 0])?.name).toBe("c");
});

test("what is in quarantine only when there is nothing else", () => {
  const [well, sick] = [load("well", 9), load("sick", 0, 100)];
  expect(chooseBackend([well, sick], none, 99, [0.9, 0])).toBe(well);
  expect(chooseBackend([well, sick], none, 100, [0, 0])).toBe(sick);
  expect(chooseBackend([sick], none, 0, [0, 0])).toBe(sick);
  expect(chooseBackend([well, sick], new Set([well]), 0, [0, 0])).toBe(sick);
});

test("never one that was tried, never one with more than both picks", () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const loads = fc.array(fc.tuple(fc.nat(5), fc.constantFrom(0, 100), fc.boolean()), { maxLength: 6 });
  fc.assert(
    fc.property(loads, chance, chance, (rows, first, second) => {
      const backends = rows.map(([inFlight, until], n) => load(String(n), inFlight, until));
      const tried = new Set(backends.filter((_, n) => rows[n]?.[2] === true));
      const chosen = chooseBackend(backends, tried, 50, [first, second]);
      if (chosen === undefined) expect(tried.size).toBe(backends.length);
      else {
        expect(tried.has(chosen)).toBe(false);
        const hasWell = backends.some((backend) => !tried.has(backend) && backend.quarantinedUntilMs === 0);
        expect(chosen.quarantinedUntilMs > 0 && hasWell).toBe(false);
      }
    }),
  );
});
