import { expect, test } from "vitest";
import { createSlots } from "../../services/git/http/slots.ts";

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve };
}

test("so many run at a time, the rest in the order they came, a full line is refused and counted", async () => {
  const slots = createSlots(1, 9, 60_000);
  const gates = Array.from({ length: 5 }, gate);
  const order: number[] = [];
  const running = gates.map((one, index) =>
    slots.hold("app", async () => {
      order.push(index);
      await one.promise;
    }),
  );
  await expect(slots.hold("app", async () => {})).rejects.toMatchObject({ status: 503 });
  expect([order, slots.refused]).toEqual([[0], 1]);
  for (const one of gates) one.open();
  await Promise.all(running);
  expect(order).toEqual([0, 1, 2, 3, 4]);
  expect(await slots.hold("app", async () => "free again")).toBe("free again");
});

test("one app has its share only, and gets it back", async () => {
  const slots = createSlots(4, 1, 60_000);
  const one = gate();
  const held = slots.hold("app", () => one.promise);
  await expect(slots.hold("app", async () => {})).rejects.toMatchObject({ status: 429 });
  expect(await slots.hold("other", async () => "runs")).toBe("runs");
  one.open();
  await held;
  expect(await slots.hold("app", async () => "runs")).toBe("runs");
});

test("who waits too long is sent away and leaves the line to the others", async () => {
  const slots = createSlots(1, 9, 1);
  const one = gate();
  const held = slots.hold("app", () => one.promise);
  await expect(slots.hold("app", async () => {})).rejects.toMatchObject({ status: 503 });
  one.open();
  await held;
  expect(await slots.hold("app", async () => "runs")).toBe("runs");
});
