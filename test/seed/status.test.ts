import { expect, test } from "vitest";
import type { ContainerFact } from "../../services/kernel/engine/port.ts";
import type { Platform } from "../../services/kernel/platform.ts";
import { systemApps } from "../../services/kernel/system-apps.ts";
import { planDown } from "../../services/seed/down-plan.ts";
import { planStatus, type StatusFacts } from "../../services/seed/status-plan.ts";

const platform = {
  name: "quine",
  dataDir: "/d/quine",
  domain: "localhost",
  httpPort: 8080,
  httpsPort: 8443,
  engineSocket: "/s",
} as Platform;
const now = new Date("2026-01-01T12:00:00Z");
const standing = systemApps.filter((app) => app.quantity > 0);
const well: StatusFacts = {
  now,
  engine: { version: "20.10.24" },
  isBooted: true,
  dynos: standing.map(({ name }) => ({
    container: `quine-${name}-${name}.1-0`,
    app: name,
    name: `${name}.1`,
    release: "1",
    isRunning: true,
    exitStatus: undefined,
    startedAt: new Date("2026-01-01T11:50:00Z"),
  })),
  hasIngress: true,
  front: { status: 200 },
  usedBytes: 1e9,
  freeBytes: 9e9,
};
const stopped = (name: string) =>
  well.dynos.map((dyno) => (dyno.app === name ? { ...dyno, isRunning: false, exitStatus: 3 } : dyno));

test("a platform that is well says so, part by part", () => {
  const { lines, problems } = planStatus(platform, well);
  expect(problems).toEqual([]);
  expect(lines).toContain("api        api.1 up 10 min on v1");
  expect(lines).toContain("answers    yes");
});

test.each<[string, Partial<StatusFacts>, RegExp]>([
  [
    "no engine",
    { engine: { reason: "No container engine answers" }, dynos: [], front: { reason: "refused" } },
    /^No container engine answers$/,
  ],
  ["a first start that was cut off", { isBooted: false, dynos: [] }, /go on with bin\/quine up/],
  ["down", { dynos: [], hasIngress: false, front: { reason: "refused" } }, /is down: start it/],
  ["no runtime", { dynos: stopped("runtime") }, /runtime does not run/],
  ["a part that ended", { dynos: stopped("logs") }, /^logs not running.*docker logs quine-logs-logs\.1-0$/],
  [
    "a router that is gone",
    { dynos: well.dynos.filter(({ app }) => app !== "router"), front: { status: 404 } },
    /^router not running.*docker logs quine-runtime-runtime\.1-0$/,
  ],
  ["a token that nobody looks up", { front: { status: 401 } }, /answers 401/],
  ["no ingress", { hasIngress: false, front: { reason: "refused" } }, /ingress does not run/],
  ["no answer", { front: { reason: "ECONNREFUSED" } }, /nothing answers \(ECONNREFUSED\)/],
  ["a bad answer", { front: { status: 503 } }, /answers 503/],
  ["a full disk", { freeBytes: 1e8 }, /Only 0\.1 GB are free/],
])("%s is one line with what to do", (_, change, words) => {
  const { problems } = planStatus(platform, { ...well, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(words);
});

test("without an engine nothing is claimed of what runs", () => {
  const { lines } = planStatus(platform, { ...well, engine: { reason: "no permission" }, dynos: [] });
  expect(lines.join("\n")).not.toMatch(/not running|dynos running/);
});

const container = (labels: Record<string, string>): ContainerFact => ({
  id: JSON.stringify(labels),
  name: "",
  labels,
  state: "running",
  address: undefined,
  exitStatus: undefined,
  isOutOfMemory: false,
  startedAt: undefined,
  finishedAt: undefined,
});
const dyno = (app: string) => container({ "quine.kind": "dyno", "quine.app": app });

test("who would start others goes first, what others lean on goes last, and everybody goes", () => {
  const all = [
    container({ "quine.kind": "ingress" }),
    dyno("postgres"),
    dyno("shop"),
    container({ "quine.kind": "sandbox" }),
    dyno("api"),
    dyno("registry"),
    dyno("runtime"),
    dyno("router"),
    container({ "quine.kind": "stage-0" }),
    container({}),
  ];
  const waves = planDown(all);
  expect(waves.map(({ what }) => what)).toEqual([
    "the seed's compiler",
    "runtime",
    "router",
    "dynos",
    "registry",
    "postgres",
    "networks",
  ]);
  expect(waves.flatMap(({ containers }) => containers).length).toBe(all.length);
  expect(waves.find(({ what }) => what === "dynos")?.containers.map(({ labels }) => labels["quine.app"])).toEqual([
    "shop",
    "api",
  ]);
});

test("a tenant who calls his app postgres in his own labels is stopped with the tenants", () => {
  expect(planDown([container({ "quine.app": "postgres" })]).map(({ what }) => what)).toEqual(["networks"]);
});
