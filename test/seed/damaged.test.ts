import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseRequest } from "../../services/seed/arguments.ts";
import { destroyable } from "../../services/seed/destroy.ts";
import { readSaved } from "../../services/seed/saved.ts";
import { readSecrets, writePrivate } from "../../services/seed/secrets.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(`${tmpdir()}/quine-damaged-`);
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const destroy = (...args: string[]) => destroyable(parseRequest(["destroy", ...args, "--data", data], {}), "/s");

test("a new platform has no secrets yet, and is given some that only root reads", async () => {
  expect(await readSecrets(data)).toBeUndefined();
  await writePrivate(`${data}/secrets.json`, '{"apiToken":"t"}');
  expect(statSync(`${data}/secrets.json`).mode & 0o777).toBe(0o600);
  expect(await readSecrets(data)).toEqual({ apiToken: "t" });
});

test("secrets that are lost are not made anew over data that only they open", async () => {
  mkdirSync(`${data}/volumes/postgres`, { recursive: true });
  await expect(readSecrets(data)).rejects.toThrow(/secrets\.json is missing: restore it.*bin\/quine destroy/);
  rmSync(`${data}/volumes`, { recursive: true });
  writeFileSync(`${data}/booted.json`, "{}");
  await expect(readSecrets(data)).rejects.toThrow(/secrets\.json is missing/);
});

test.each(["", "{", "null"])("a file that holds %j is named, with what to do", async (text) => {
  for (const file of ["secrets.json", "platform.json"]) writeFileSync(`${data}/${file}`, text);
  await expect(readSecrets(data)).rejects.toThrow(/secrets\.json is damaged.*restore it.*bin\/quine destroy/);
  await expect(readSaved(data)).rejects.toThrow(/platform\.json is damaged.*restore it.*destroy --name NAME --data/);
});

test("a platform with a damaged description goes by its name, with its folder if that is one of a platform's", async () => {
  writeFileSync(`${data}/platform.json`, "{");
  await expect(destroy()).rejects.toThrow(/platform\.json is damaged/);
  expect(await destroy("--name", "shop")).toMatchObject({ platform: { name: "shop", dataDir: data }, hasData: false });
  mkdirSync(`${data}/layers`);
  expect(await destroy("--name", "shop")).toMatchObject({ platform: { name: "shop", dataDir: data }, hasData: true });
});

test("what can still be read of a damaged description counts", async () => {
  mkdirSync(`${data}/runtime`);
  writeFileSync(`${data}/platform.json`, '{\n  "name": "other",\n  "dataD');
  await expect(destroy("--name", "shop")).rejects.toThrow(/is called other, not shop/);
});
