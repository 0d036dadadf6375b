import { expect, test } from "vitest";
import { settlePlatform, type Wanted } from "../../services/seed/settle.ts";

const nothing: Wanted = {
  name: undefined,
  dataDir: undefined,
  httpPort: undefined,
  httpsPort: undefined,
  bindAddress: undefined,
  domain: undefined,
  subnetPrefix: undefined,
};
const found = { subnetPrefix: "10.99", stackImage: "quine/debian-12:abc", engineSocket: "/run/docker.sock" };

test("a new platform gets what was asked for, and the usual where nothing was said", () => {
  expect(settlePlatform({ ...nothing, httpPort: 9000, domain: "apps.test" }, undefined, found)).toEqual({
    name: "quine",
    dataDir: "/var/lib/quine",
    domain: "apps.test",
    httpPort: 9000,
    httpsPort: 8443,
    bindAddress: "127.0.0.1",
    ...found,
  });
});

test("two ports are two ports", () => {
  expect(() => settlePlatform({ ...nothing, httpPort: 8443 }, undefined, found)).toThrow(/both 8443/);
});

test("a platform stays what it was made as", () => {
  const saved = settlePlatform({ ...nothing, httpPort: 9000 }, undefined, found);
  expect(settlePlatform(nothing, saved, { ...found, subnetPrefix: "10.1" })).toEqual(saved);
  expect(settlePlatform({ ...nothing, httpPort: 9000 }, saved, found)).toEqual(saved);
  expect(() => settlePlatform({ ...nothing, httpPort: 9001, domain: "b" }, saved, found)).toThrow(
    /--port 9001 \(it has 9000\), --domain b \(it has localhost\)/,
  );
});
