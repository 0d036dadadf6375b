import { expect, test } from "vitest";
import type { Build } from "../../services/git/platform/answers.ts";
import { findBuild, planSettlement } from "../../services/git/push/settle.ts";
import type { Pending } from "../../services/git/repository/pending.ts";

const pending: Pending = {
  push: "p",
  commit: "a".repeat(40),
  commands: [],
  packs: [],
  at: new Date("2026-01-01T10:00:00.700Z"),
  ageMs: 1_000,
  buildId: "b",
};
const build = (status: Build["status"], second = 0, version = pending.commit): Build => ({
  id: `${status} ${second}`,
  status,
  outputUrl: undefined,
  releaseId: undefined,
  failure: undefined,
  version,
  createdAt: new Date(`2026-01-01T10:00:0${second}Z`),
});

test.each([
  ["a build that succeeded", build("succeeded"), {}, "finish"],
  ["a build that failed", build("failed"), {}, "forget"],
  ["a build under way", build("pending"), {}, "wait"],
  ["an API that does not say", undefined, {}, "wait"],
  ["a build the API does not know", "none", {}, "forget"],
  ["no build yet, of a push that may just be asking", "none", { buildId: undefined }, "wait"],
  ["no build yet, after the grace", "none", { buildId: undefined, ageMs: 6_000 }, "forget"],
] as const)("%s", (_name, found, changes, verdict) => {
  expect(planSettlement({ ...pending, ...changes }, found, 5_000)).toBe(verdict);
});

test("a build without a noted id is the newest of the commit since the push was written, to the second", () => {
  const earlier = { ...build("failed"), createdAt: new Date("2026-01-01T09:59:59Z") };
  expect(findBuild(pending, [earlier, build("succeeded", 1, "other")])).toBeUndefined();
  expect(findBuild(pending, [earlier, build("succeeded", 0)])?.id).toBe("succeeded 0");
  expect(findBuild(pending, [build("failed", 0), build("pending", 2), build("succeeded", 1)])?.id).toBe("pending 2");
});
