import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { journal, promotionLines } from "../../services/api/promotion/journal.ts";
import { type Promotion, type PromotionStep, planPromotion, upDeadlineMs } from "../../services/api/promotion/plan.ts";
import { rolloutOfCheck } from "../../services/api/promotion/self-check.ts";
import type { Rollout } from "../../services/api/releases/rollout.ts";

const step = (app: string, status: PromotionStep["status"], sinceMs = 0): PromotionStep => ({
  app,
  from_release: `${app}-old`,
  to_release: status === "waiting" ? null : `${app}-new`,
  version: status === "waiting" ? null : 2,
  status,
  since: new Date(sinceMs).toISOString(),
  up_at: status === "up" ? new Date(sinceMs).toISOString() : null,
});
const checked = (since = 0): PromotionStep => ({ ...step("compiler", "releasing", since), check_id: "check" });
const check = (state: string, exitStatus: number | null = null, exitReason: string | null = null) => ({
  compiler: rolloutOfCheck({ isWanted: true, dyno: { state, exitStatus, exitReason } }),
});
const rollout = (status: Rollout["status"]): Rollout => ({ status, message: status });
const pending = (...steps: PromotionStep[]): Promotion => ({ status: "pending", steps, message: null });
const undoing = (...steps: PromotionStep[]): Promotion => ({ status: "undoing", steps, message: "b crashed" });

describe("planPromotion", () => {
  test.each([
    ["begins with the first", pending(step("a", "waiting"), step("b", "waiting")), {}, 0, "release", "a"],
    ["waits for a start", pending(step("a", "releasing")), { a: rollout("pending") }, 89_000, "wait", undefined],
    ["sees it up", pending(step("a", "releasing")), { a: rollout("up") }, 5, "confirm-up", "a"],
    [
      "has nothing to wait for at quantity 0",
      pending(step("a", "releasing")),
      { a: rollout("none") },
      5,
      "confirm-up",
      "a",
    ],
    [
      "gives up after 90 s",
      pending(step("a", "releasing")),
      { a: rollout("pending") },
      upDeadlineMs + 1,
      "undo",
      undefined,
    ],
    ["gives up on a crash", pending(step("a", "releasing")), { a: rollout("crashed") }, 5, "undo", undefined],
    ["watches for 2 s", pending(step("a", "up"), step("b", "waiting")), { a: rollout("up") }, 1_999, "wait", undefined],
    ["goes on after 2 s", pending(step("a", "up"), step("b", "waiting")), { a: rollout("up") }, 2_000, "release", "b"],
    [
      "undoes what did not stay up",
      pending(step("a", "up"), step("b", "waiting")),
      { a: rollout("pending") },
      1_000,
      "undo",
      undefined,
    ],
    [
      "undoes when an earlier one crashes",
      pending(step("a", "up"), step("b", "releasing")),
      { a: rollout("crashed"), b: rollout("up") },
      5_000,
      "undo",
      undefined,
    ],
    [
      "ends when all are up",
      pending(step("a", "up"), step("b", "up")),
      { a: rollout("up"), b: rollout("up") },
      2_000,
      "finish",
      undefined,
    ],
    [
      "puts the newest back first",
      undoing(step("a", "up"), step("b", "releasing"), step("c", "waiting")),
      {},
      0,
      "put-back",
      "b",
    ],
    [
      "then the ones before",
      undoing(step("a", "up"), step("b", "undone"), step("c", "waiting")),
      {},
      0,
      "put-back",
      "a",
    ],
    ["ends when all are back", undoing(step("a", "undone"), step("b", "waiting")), {}, 0, "finish", undefined],
  ] as const)("%s", (_name, promotion, rollouts, nowMs, kind, app) => {
    const action = planPromotion(promotion, rollouts, nowMs, 2_000);
    expect([action.kind, "app" in action ? action.app : undefined]).toEqual([kind, app]);
  });
});

describe("the compiler's step", () => {
  const notBegun = { compiler: rolloutOfCheck({ isWanted: true, dyno: undefined }) };
  const nothingToRun = { compiler: rolloutOfCheck({ isWanted: false, dyno: undefined }) };
  const failed = (reason: string) => `compiler: its self-check failed: ${reason}`;
  const late = failed("it was not over after 90 s");
  test.each([
    ["waits for the check to begin", notBegun, upDeadlineMs, "wait", "compiler is starting"],
    ["waits for it to start", check("starting"), 5, "wait", "compiler is starting"],
    ["waits for it to end", check("up"), 5, "wait", "compiler is starting"],
    ["is up when it ended well", check("complete", 0), 5, "confirm-up", "Its self-check succeeded"],
    ["fails with its status", check("complete", 1), 5, "undo", failed("exit status 1")],
    ["fails with the runtime's reason", check("complete", 1, "out of memory"), 5, "undo", failed("out of memory")],
    [
      "fails when there is a reason",
      check("complete", 0, "time limit of 60 s"),
      5,
      "undo",
      failed("time limit of 60 s"),
    ],
    ["fails without a status", check("complete"), 5, "undo", failed("it ended without a status")],
    ["fails on a crash", check("crashed", null, "lost"), 5, "undo", failed("lost")],
    ["fails when there is nothing to run", nothingToRun, 5, "undo", failed("the slug has no process type compiler")],
    ["fails when it does not begin", notBegun, upDeadlineMs + 1, "undo", late],
    ["fails when it does not end", check("up"), upDeadlineMs + 1, "undo", late],
  ] as const)("%s", (_name, rollouts, nowMs, kind, because) => {
    const action = planPromotion(pending(checked(), step("b", "waiting")), rollouts, nowMs, 2_000);
    expect([action.kind, action.because]).toEqual([kind, because]);
  });

  test("keeps the check's id in the journal", () => {
    const action = { kind: "release", app: "compiler", because: "" } as const;
    const made = { id: "r", version: 2, checkId: "check" };
    expect(journal(pending(step("compiler", "waiting")), action, made, new Date(0)).steps[0]?.check_id).toBe("check");
    const other = { kind: "release", app: "a", because: "" } as const;
    expect(journal(pending(step("a", "waiting")), other, { id: "r", version: 2 }, new Date(0)).steps[0]?.check_id).toBe(
      null,
    );
  });
});

/** A platform whose parts each have some code; the world decides how each start goes, and kills the API before any commit. */
test("whatever starts, crashes, hangs or is killed: all parts new, or all as before; told in lines that only grow", () => {
  const apps = ["a", "b", "c", "d"];
  const fate = fc.constantFrom("up", "up", "up", "up", "crashed", "hangs", "crashes later");
  const turn = fc.record({ isKilled: fc.boolean(), passesMs: fc.integer({ min: 0, max: 3_000 }) });
  fc.assert(
    fc.property(fc.array(fate, { minLength: 4, maxLength: 4 }), fc.array(turn, { maxLength: 60 }), (fates, turns) => {
      let promotion = pending(...apps.map((app) => step(app, "waiting")));
      const code = new Map(apps.map((app) => [app, "old"]));
      let nowMs = 0;
      let lines: string[] = [];
      const rollouts = () =>
        Object.fromEntries(
          promotion.steps
            .filter(({ to_release: to, status }) => to !== null && status !== "undone")
            .map(({ app, status }) => [app, rollout(statusOf(fates[apps.indexOf(app)] ?? "up", status))]),
        );
      for (let count = 0; promotion.status === "pending" || promotion.status === "undoing"; count++) {
        expect(count).toBeLessThan(1_000);
        const { isKilled, passesMs } = turns[count] ?? { isKilled: false, passesMs: 3_000 };
        nowMs += passesMs;
        const action = planPromotion(promotion, rollouts(), nowMs, 2_000);
        // A kill before the commit undoes act and journal together.
        if (isKilled) continue;
        if (action.kind === "release") code.set(action.app, "new");
        if (action.kind === "put-back") code.set(action.app, "old");
        promotion = journal(promotion, action, { id: "r", version: 2 }, new Date(nowMs));
        const after = promotionLines(promotion);
        expect(after.slice(0, lines.length)).toEqual(lines);
        lines = after;
      }
      const wanted = promotion.status === "succeeded" ? "new" : "old";
      expect([...code.values()]).toEqual(apps.map(() => wanted));
      if (fates.some((one) => one === "crashed" || one === "hangs")) expect(promotion.status).toBe("failed");
      if (fates.every((one) => one === "up")) expect(promotion.status).toBe("succeeded");
    }),
    { numRuns: 500 },
  );
});

function statusOf(fate: string, status: PromotionStep["status"]): Rollout["status"] {
  if (fate === "crashes later") return status === "up" ? "crashed" : "up";
  return fate === "hangs" ? "pending" : (fate as Rollout["status"]);
}
