import { expect, test } from "vitest";
import { availability } from "../../services/router/availability.ts";
import type { Dyno, RouteRow } from "../../services/router/route-row.ts";
import { app, dyno } from "./world.ts";

const up = (releaseVersion = 1) => dyno(1, { releaseVersion });
const starting = dyno(1, { state: "starting", releaseVersion: 9 });
const crashed = dyno(1, { state: "crashed" });

const cases: [string, Dyno[], Partial<RouteRow>, string][] = [
  ["one up", [up()], {}, "serve v1"],
  ["the newest release that is up", [up(1), up(2), up(2), starting], {}, "serve v2 v2"],
  ["up beside crashed", [crashed, up()], {}, "serve v1"],
  ["up though scaled to 0 a moment ago", [up()], { quantity: 0 }, "serve v1"],
  ["maintenance", [up()], { isMaintenance: true }, "H80"],
  ["never deployed", [], { isDeployed: false, quantity: 0 }, "H81"],
  ["scaled to 0", [], { quantity: 0 }, "H14"],
  ["starting", [starting], {}, "wait"],
  ["starting again after a crash", [crashed, starting], {}, "wait"],
  ["crashed", [crashed], {}, "H10"],
  ["about to start", [], {}, "wait"],
];

test.each(cases)("%s", (_name, dynos, more, expected) => {
  const now = availability(app("hello", dynos, more));
  const versions = now.kind === "serve" ? now.dynos.map((served) => ` v${served.releaseVersion}`).join("") : "";
  expect(now.kind === "refuse" ? now.code : `${now.kind}${versions}`).toBe(expected);
});
