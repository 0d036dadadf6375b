import { describe, expect, test } from "vitest";
import { acceptVersion } from "../../services/api/http/accept.ts";
import { tokenOf } from "../../services/api/http/credentials.ts";
import { take } from "../../services/api/http/rate-limit.ts";
import { limits } from "../../services/api/limits.ts";
import { signSource, verifySource } from "../../services/api/sources/address.ts";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("tokenOf", () => {
  test.each([
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    [basic(":abc"), "abc"],
    [basic("heroku:abc"), "abc"],
    [basic("a:b:c"), "b:c"],
    [basic("abc"), undefined],
    [basic("abc:"), undefined],
    ["Digest abc", undefined],
    ["Bearer a b", undefined],
    [`Bearer ${"x".repeat(2000)}`, undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%s → %s", (header, token) => {
    expect(tokenOf(header)).toBe(token);
  });
});

describe("acceptVersion", () => {
  test.each([
    "application/vnd.heroku+json; version=3",
    "application/vnd.heroku+json;version=3",
    "application/vnd.heroku+json; version=3.sdk",
    "application/vnd.heroku+json; version=3.account-quotas, */*",
  ])("%s is served", (header) => {
    expect(() => acceptVersion(header)).not.toThrow();
  });
  test.each([
    undefined,
    "*/*",
    "application/json",
    "application/vnd.heroku+json; version=2",
    "application/vnd.heroku+json; version=30",
  ])("%s is not", (header) => {
    expect(() => acceptVersion(header)).toThrow(/version=3/);
  });
});

test("a bucket empties by requests and refills by time", () => {
  let bucket = take(undefined, 0).bucket;
  for (let request = 1; request < limits.rateTokens; request++) bucket = take(bucket, 0).bucket;
  expect(take(bucket, 0).isAllowed).toBe(false);
  const later = take(bucket, 60_000);
  expect(later.isAllowed).toBe(true);
  expect(later.bucket.tokens).toBeCloseTo(limits.rateTokensPerMinute - 1);
  expect(take(bucket, 1e12).bucket.tokens).toBe(limits.rateTokens - 1);
});

describe("source URLs", () => {
  const address = { ownerId: "11111111-1111-4111-8111-111111111111", id: "22222222-2222-4222-8222-222222222222" };
  const now = new Date("2026-01-01T00:00:00Z");
  const url = signSource("key", address, "put", now);

  test("hold for their method, an hour long, and for nobody else's key", () => {
    expect(verifySource("key", url, "put", now)).toEqual(address);
    expect(verifySource("key", url, "get", now)).toBeUndefined();
    expect(verifySource("other", url, "put", now)).toBeUndefined();
    expect(verifySource("key", url, "put", new Date(now.getTime() + 3_601_000))).toBeUndefined();
  });
  test("cannot be changed", () => {
    expect(verifySource("key", url.replace("1111-1111", "1111-1112"), "put", now)).toBeUndefined();
    expect(verifySource("key", url.replace("method=put", "method=get"), "get", now)).toBeUndefined();
    expect(verifySource("key", "/_sources/../x", "put", now)).toBeUndefined();
  });
});
