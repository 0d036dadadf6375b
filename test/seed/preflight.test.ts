import { expect, test } from "vitest";
import { listeningInodes } from "../../services/seed/port-holder.ts";
import { type MachineFacts, preflight } from "../../services/seed/preflight.ts";

const fine: MachineFacts = {
  isRoot: true,
  system: "linux",
  architecture: "x64",
  nodeVersion: "24.1.0",
  missingFromKernel: [],
  disks: [{ what: "the data folder /d/q", freeBytes: 9e9, neededBytes: 5e9 }],
  ports: [{ flag: "--port", address: "127.0.0.1", port: 8080, state: "free", holder: undefined }],
  dataFolder: "none",
  dataDir: "/d/q",
  name: "quine",
  containers: 0,
};
const port = fine.ports[0];

test("a fit machine has nothing in the way", () => {
  expect(preflight(fine)).toEqual([]);
  expect(preflight({ ...fine, dataFolder: "platform", containers: 9 })).toEqual([]);
});

test.each<[string, Partial<MachineFacts>, RegExp]>([
  ["another system", { architecture: "arm64" }, /Linux on x86_64 only/],
  ["no root", { isRoot: false }, /sudo bin\/quine up/],
  ["an old Node", { nodeVersion: "20.20.2" }, /Node 20\.20\.2, and 24 or newer is needed/],
  ["a small kernel", { missingFromKernel: ["squashfs"] }, /no squashfs/],
  [
    "no space",
    { disks: [{ what: "the data folder /d/q", freeBytes: 1.24e9, neededBytes: 5e9 }] },
    /5\.0 GB needed, 1\.2 GB free/,
  ],
  [
    "a taken port",
    { ports: [{ ...port, state: "taken", holder: "nginx (process 8)" }] as MachineFacts["ports"] },
    /8080 on 127\.0\.0\.1 is taken by nginx \(process 8\).*--port/,
  ],
  ["a port nobody admits to", { ports: [{ ...port, state: "taken" }] as MachineFacts["ports"] }, /is taken: stop that/],
  ["an address of elsewhere", { ports: [{ ...port, state: "refused" }] as MachineFacts["ports"] }, /no such address/],
  ["a folder of somebody's", { dataFolder: "foreign" }, /not a platform's/],
  ["containers without their folder", { containers: 4 }, /4 containers .* destroy --name quine/],
])("%s", (_, change, words) => {
  const findings = preflight({ ...fine, ...change });
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatch(words);
  expect(findings[0]).not.toContain("\n");
});

test("everything in the way is told at once", () => {
  expect(preflight({ ...fine, isRoot: false, missingFromKernel: ["overlay", "loop"] })).toHaveLength(3);
});

test("only listeners hold a port", () => {
  const row = (local: string, state: string, inode: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
  const table = [
    "  sl  local_address",
    row("0100007F:1F90", "0A", "11"),
    row("0100007F:1F90", "01", "12"),
    row("00000000:1F91", "0A", "13"),
  ];
  expect(listeningInodes(table.join("\n"), 8080)).toEqual(new Set(["11"]));
});
