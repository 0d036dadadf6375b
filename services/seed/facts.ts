import { existsSync } from "node:fs";
import { readdir, readFile, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { dataPaths } from "../kernel/platform.ts";
import { runProgram } from "../kernel/run-program.ts";
import { portHolder } from "./port-holder.ts";
import type { DiskFact, MachineFacts, PortFact } from "./preflight.ts";

/** A whole platform with its sample: layers, disks of its dynos, database, caches of builds. */
const dataBytesNeeded = 3_000_000_000;
/** The stack image as the engine unpacks it, and the tar it comes from. */
const imageBytesNeeded = 2_000_000_000;

/** Looks at the machine; changes nothing. */
export async function observeMachine(subject: {
  readonly name: string;
  readonly dataDir: string;
  readonly engineRootDir: string;
  readonly hasStackImage: boolean;
  readonly bindAddress: string;
  readonly ports: readonly { readonly flag: string; readonly port: number }[];
  /** Whether the platform's own ingress runs: then the ports are rightly taken. */
  readonly hasIngress: boolean;
  readonly containers: number;
  /** Whether the platform was booted before: it has what it needs on disk already. */
  readonly isBooted: boolean;
}): Promise<MachineFacts> {
  return {
    isRoot: process.geteuid?.() === 0,
    system: process.platform,
    architecture: process.arch,
    nodeVersion: process.versions.node,
    missingFromKernel: await missingFromKernel(),
    disks: subject.isBooted ? [] : await disks(subject),
    ports: await Promise.all(subject.ports.map((port) => portFact(port, subject.bindAddress, subject.hasIngress))),
    dataFolder: await dataFolder(subject.dataDir),
    dataDir: subject.dataDir,
    name: subject.name,
    containers: subject.containers,
  };
}

async function missingFromKernel(): Promise<string[]> {
  const known = await readFile("/proc/filesystems", "utf8");
  const missing: string[] = [];
  for (const name of ["overlay", "squashfs", "ext4"]) {
    if (!new RegExp(`\\b${name}$`, "m").test(known) && !(await isLoadable(name))) missing.push(name);
  }
  if (!existsSync("/dev/loop-control") && !(await isLoadable("loop"))) missing.push("loop");
  return missing;
}

/** A dry run: nothing is loaded before the checks are through. */
async function isLoadable(module: string): Promise<boolean> {
  return runProgram("modprobe", ["--dry-run", "--quiet", module]).then(
    () => true,
    () => false,
  );
}

async function disks(subject: { dataDir: string; engineRootDir: string; hasStackImage: boolean }): Promise<DiskFact[]> {
  const data = await freeBytes(subject.dataDir);
  const engine = await freeBytes(subject.engineRootDir);
  const imageBytes = subject.hasStackImage ? 0 : imageBytesNeeded;
  // On one file system both have to fit at once.
  if (data.device === engine.device)
    return [
      {
        what: `the data folder ${subject.dataDir} and the engine's ${subject.engineRootDir}`,
        freeBytes: data.free,
        neededBytes: dataBytesNeeded + imageBytes,
      },
    ];
  return [
    { what: `the data folder ${subject.dataDir}`, freeBytes: data.free, neededBytes: dataBytesNeeded },
    { what: `the engine's ${subject.engineRootDir}`, freeBytes: engine.free, neededBytes: imageBytes },
  ];
}

async function freeBytes(path: string): Promise<{ free: number; device: string }> {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  const found = await statfs(folder);
  const [, mount = folder] = (await runProgram("df", ["--output=target", folder])).trim().split("\n");
  return { free: found.bavail * found.bsize, device: mount };
}

async function portFact(
  wanted: { flag: string; port: number },
  address: string,
  hasIngress: boolean,
): Promise<PortFact> {
  const fact = { ...wanted, address };
  if (hasIngress) return { ...fact, state: "ours", holder: undefined };
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ host: address, port: wanted.port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (error === undefined) return { ...fact, state: "free", holder: undefined };
  if (error.code === "EADDRNOTAVAIL") return { ...fact, state: "refused", holder: undefined };
  return { ...fact, state: "taken", holder: await portHolder(wanted.port) };
}

async function dataFolder(dataDir: string): Promise<MachineFacts["dataFolder"]> {
  if (existsSync(dataPaths.platform(dataDir))) return "platform";
  if (!existsSync(dataDir)) return "none";
  const names = await readdir(dataDir);
  return names.length === 0 || (names.length === 1 && names[0] === "lost+found") ? "empty" : "foreign";
}
