import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../services/runtime/limits.ts";
import { plan, type Step } from "../../services/runtime/plan.ts";
import type { World } from "../../services/runtime/world.ts";
import { app, at, dyno, noon, oneOff, release, world } from "../worlds/dynos.ts";

/** A step in short: "start web.1", "stop web.1 v1", "kill web.1 v1 boot-timeout". */
function steps(of: World, now = at(1)): string[] {
  return plan(of, defaultLimits, now).steps.map(inShort);
}

function inShort(step: Step): string {
  if (step.kind === "start") return `start ${step.slot.name} v${step.slot.release.version}`;
  if (step.kind === "start-one-off" || step.kind === "lose-one-off") return `${step.kind} ${step.oneOff.name}`;
  const which = `${step.kind} ${step.dyno.name} v${step.dyno.releaseVersion}`;
  if (step.kind === "kill") return `${which} ${step.reason}`;
  return step.kind === "bury" && step.isCrash ? `${which} crashed` : which;
}

const v2 = app({ release: release(2) });
const postgres = app({
  id: "app-1",
  name: "postgres",
  system: true,
  release: release(2),
  formation: [{ type: "postgres", quantity: 1, size: "system" }],
});
const crash = (count: number, seconds = 0) =>
  new Map([["app-1/web.1", { releaseId: "release-1", count, lastAt: at(seconds) }]]);

describe("a formation", () => {
  test.each<[string, World, string[]]>([
    ["an empty platform starts what is wanted", world(), ["start web.1 v1"]],
    ["what runs stays", world({ dynos: [dyno()] }), []],
    ["what starts is left to start", world({ dynos: [dyno({ state: "starting" })] }), []],
    ["nothing is started without a release", world({}, [app({ release: undefined })]), []],
    [
      "a type the slug does not have is not started",
      world({}, [app({ formation: [{ type: "clock", quantity: 1, size: "basic" }] })]),
      [],
    ],
    [
      "scaled up",
      world({ dynos: [dyno()] }, [app({ formation: [{ type: "web", quantity: 3, size: "basic" }] })]),
      ["start web.2 v1", "start web.3 v1"],
    ],
    ["scaled down", world({ dynos: [dyno(), dyno({ name: "web.2" })] }), ["stop web.2 v1"]],
    ["the app is gone", world({ dynos: [dyno()] }, []), ["stop web.1 v1"]],
    ["a busy place is left alone", world({ busy: new Set(["app-1/web.1"]) }), []],
    [
      "two of one release in one place: the one that is up stays",
      world({ dynos: [dyno({ id: "a", state: "starting" }), dyno({ id: "b" })] }),
      ["stop web.1 v1"],
    ],
  ])("%s", (_, given, expected) => expect(steps(given)).toEqual(expected));
});

describe("a new release", () => {
  test.each<[string, World, string[]]>([
    ["starts beside the old", world({ dynos: [dyno()] }, [v2]), ["start web.1 v2"]],
    [
      "the old stays while the new one starts",
      world({ dynos: [dyno(), dyno({ releaseVersion: 2, state: "starting" })] }, [v2]),
      [],
    ],
    [
      "the old stops when the new one is up",
      world({ dynos: [dyno(), dyno({ releaseVersion: 2 })] }, [v2]),
      ["stop web.1 v1"],
    ],
    [
      "the old serves on while the new one crashes",
      world({ dynos: [dyno(), dyno({ releaseVersion: 2, state: "exited", exitStatus: 1 })] }, [v2]),
      ["bury web.1 v2 crashed"],
    ],
    [
      "a part that holds a volume stops first",
      world({ dynos: [dyno({ appName: "postgres", name: "postgres.1" })] }, [postgres]),
      ["stop postgres.1 v1"],
    ],
    [
      "and its successor waits until it is gone",
      world({ dynos: [dyno({ appName: "postgres", name: "postgres.1", stoppingSince: noon })] }, [postgres]),
      [],
    ],
    [
      "a restart is for dynos made before it",
      world({ dynos: [dyno()] }, [app({ restarts: [{ requestedAt: at(1).toISOString() }] })]),
      ["start web.1 v1"],
    ],
    [
      "and not for those made after",
      world({ dynos: [dyno({ createdAt: at(2) })] }, [app({ restarts: [{ requestedAt: at(1).toISOString() }] })]),
      [],
    ],
    [
      "nor for another type",
      world({ dynos: [dyno()] }, [app({ restarts: [{ type: "worker", requestedAt: at(1).toISOString() }] })]),
      [],
    ],
  ])("%s", (_, given, expected) => expect(steps(given)).toEqual(expected));
});

describe("health and ends", () => {
  test.each<[string, World, number, string[]]>([
    ["R10 after 60 s", world({ dynos: [dyno({ state: "starting" })] }), 60, ["kill web.1 v1 boot-timeout"]],
    ["not a moment before", world({ dynos: [dyno({ state: "starting" })] }), 59.9, []],
    [
      "R10 counts from when this runtime began to look, not from the start",
      world({ dynos: [dyno({ state: "starting", watchedSince: at(50) })] }),
      70,
      [],
    ],
    [
      "a dyno it has not looked at yet is left alone",
      world({ dynos: [dyno({ state: "starting", watchedSince: undefined })] }),
      900,
      [],
    ],
    ["a worker has no port to bind", world({ dynos: [dyno({ state: "starting", port: undefined })] }), 90, []],
    [
      "SIGKILL 30 s after SIGTERM",
      world({ dynos: [dyno({ stoppingSince: noon })] }, []),
      30,
      ["kill web.1 v1 exit-timeout"],
    ],
    [
      "what was asked to stop did not crash",
      world({ dynos: [dyno({ state: "exited", stoppingSince: noon })] }),
      1,
      ["bury web.1 v1", "start web.1 v1"],
    ],
    [
      "what ended by itself crashed, with status 0 too",
      world({ dynos: [dyno({ state: "exited", exitStatus: 0 })] }),
      1,
      ["bury web.1 v1 crashed"],
    ],
    [
      "made by a start under way",
      world({ dynos: [dyno({ state: "created" })], busy: new Set(["app-1/web.1"]) }),
      1,
      [],
    ],
    ["made and never started", world({ dynos: [dyno({ state: "created" })] }), 1, ["kill web.1 v1 never-started"]],
    ["its network is gone", world({ dynos: [dyno({ isStranded: true })] }), 1, ["kill web.1 v1 stranded"]],
    ["the first restart is at once", world({ crashes: crash(1) }), 0.1, ["start web.1 v1"]],
    ["the second waits ten seconds", world({ crashes: crash(2) }), 9.9, []],
    ["and no longer", world({ crashes: crash(2) }), 10, ["start web.1 v1"]],
    ["a new release starts anew", world({ crashes: crash(7) }, [v2]), 0.1, ["start web.1 v2"]],
  ])("%s", (_, given, seconds, expected) => expect(steps(given, at(seconds))).toEqual(expected));

  test("says when to look again", () => {
    expect(plan(world({ crashes: crash(2) }), defaultLimits, at(1)).lookAgainAt).toEqual(at(10));
    expect(plan(world({ dynos: [dyno()] }), defaultLimits, at(1)).lookAgainAt).toBeUndefined();
  });
});

describe("runs wanted once", () => {
  const run = (over = {}) => dyno({ id: "run-1", name: "run.1234", port: undefined, ...over });
  test.each<[string, World, number, string[]]>([
    ["started", world({}, [], [oneOff()]), 1, ["start-one-off run.1234"]],
    ["left to run", world({ dynos: [run()] }, [], [oneOff({ started: true })]), 1, []],
    [
      "killed at its time limit",
      world({ dynos: [run()] }, [], [oneOff({ started: true })]),
      60,
      ["kill run.1234 v1 time-limit"],
    ],
    [
      "asked to stop",
      world({ dynos: [run()] }, [], [oneOff({ started: true, stopRequested: true })]),
      1,
      ["stop run.1234 v1"],
    ],
    [
      "buried when over, not restarted",
      world({ dynos: [run({ state: "exited" })] }, [], [oneOff({ started: true })]),
      1,
      ["bury run.1234 v1"],
    ],
    [
      "lost when its container is gone, never repeated",
      world({}, [], [oneOff({ started: true })]),
      1,
      ["lose-one-off run.1234"],
    ],
    ["cancelled before it began", world({}, [], [oneOff({ stopRequested: true })]), 1, ["lose-one-off run.1234"]],
    [
      "not begun again when it ended and the database does not know yet",
      world({ endedOneOffs: new Set(["run-1"]) }, [], [oneOff()]),
      1,
      [],
    ],
    ["killed when nobody wants it", world({ dynos: [run()] }, []), 1, ["kill run.1234 v1 unwanted"]],
  ])("%s", (_, given, seconds, expected) => expect(steps(given, at(seconds))).toEqual(expected));

  test("run on while the database is away: the saved state knows nothing of them", () => {
    const given = world({ dynos: [run()] });
    expect(steps({ ...given, desired: { apps: [], oneOffs: [], isFromCache: true } })).toEqual([]);
  });
});
