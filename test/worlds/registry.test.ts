import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRegistry } from "../../services/kernel/registry.ts";
import { digestOf } from "../../services/kernel/slug.ts";
import { type RegistryWorld, startRegistry } from "./registry.ts";

let world: RegistryWorld;
beforeAll(async () => {
  world = await startRegistry();
});
afterAll(() => world.stop());

test("what is put under its digest is got back; another digest is refused and stores nothing", async () => {
  const registry = createRegistry(world.url);
  const bytes = randomBytes(100_000);
  await registry.putBlob("packs/one", digestOf(bytes), bytes.length, bytes);
  expect(await buffer(await registry.getBlob("packs/one", digestOf(bytes)))).toEqual(bytes);

  const wrong = digestOf("something else");
  await expect(registry.putBlob("packs/one", wrong, bytes.length, bytes)).rejects.toMatchObject({
    id: "invalid_params",
  });
  expect(await registry.hasBlob("packs/one", wrong)).toBe(false);
  await expect(registry.getBlob("packs/two", digestOf(bytes))).rejects.toMatchObject({ id: "not_found" });
});
