import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDesired, saveDesired } from "../../services/runtime/read-desired.ts";
import { app } from "../worlds/dynos.ts";

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "quine-desired-"));
  await mkdir(join(data, "runtime"));
});
afterAll(() => rm(data, { recursive: true, force: true }));

const namesOf = async () => (await loadDesired(data))?.apps.map(({ name }) => name);

test("nothing saved is nothing known", async () => {
  expect(await loadDesired(data)).toBeUndefined();
});

test("what was saved comes back, marked as a copy", async () => {
  await saveDesired(data, { apps: [app({ name: "first" })], oneOffs: [] });
  expect(await namesOf()).toEqual(["first"]);
  expect((await loadDesired(data))?.isFromCache).toBe(true);
});

test.each(['{"x":', "null", "", "[]"])("a copy that is damaged (%j) gives way to the one before it", async (text) => {
  await saveDesired(data, { apps: [app({ name: "former" })], oneOffs: [] });
  await saveDesired(data, { apps: [app({ name: "newest" })], oneOffs: [] });
  await writeFile(join(data, "runtime/desired.json"), text);
  expect(await namesOf()).toEqual(["former"]);
});
