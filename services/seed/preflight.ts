/** What was seen of the machine before anything is changed; undefined where it could not be told. */
export interface MachineFacts {
  readonly isRoot: boolean;
  /** `process.platform` and `process.arch`. */
  readonly system: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  /** File systems and devices of the kernel that the platform needs and that are neither there nor loadable. */
  readonly missingFromKernel: readonly string[];
  readonly disks: readonly DiskFact[];
  readonly ports: readonly PortFact[];
  /** What stands in the data folder. */
  readonly dataFolder: "none" | "empty" | "platform" | "foreign";
  readonly dataDir: string;
  readonly name: string;
  /** Containers labelled as this platform's. */
  readonly containers: number;
}

export interface DiskFact {
  /** What is kept there: "the data folder /var/lib/quine". */
  readonly what: string;
  readonly freeBytes: number;
  readonly neededBytes: number;
}

export interface PortFact {
  readonly flag: string;
  readonly address: string;
  readonly port: number;
  readonly state: "free" | "ours" | "taken" | "refused";
  /** Program that has it: "nginx (process 812)". */
  readonly holder: string | undefined;
}

/** Each line: what it is called, whether it is in the way, and what to do. All that apply are told at once. */
const checks: readonly { readonly name: string; readonly findings: (facts: MachineFacts) => readonly string[] }[] = [
  {
    name: "system",
    findings: (facts) =>
      facts.system === "linux" && facts.architecture === "x64"
        ? []
        : [`This machine is ${facts.system} on ${facts.architecture}: Quine runs on Linux on x86_64 only`],
  },
  {
    name: "root",
    findings: (facts) =>
      facts.isRoot ? [] : ["This needs root, as it mounts file systems and sets up a network: run sudo bin/quine up"],
  },
  {
    name: "node",
    findings: (facts) =>
      Number(facts.nodeVersion.split(".")[0]) >= 24
        ? []
        : [`This is Node ${facts.nodeVersion}, and 24 or newer is needed: start it as bin/quine, which brings its own`],
  },
  {
    name: "kernel",
    findings: (facts) =>
      facts.missingFromKernel.map(
        (name) => `This kernel has no ${name}: use Debian's own kernel, or load the module (modprobe ${name})`,
      ),
  },
  {
    name: "disk",
    findings: (facts) =>
      facts.disks
        .filter((disk) => disk.freeBytes < disk.neededBytes)
        .map(
          (disk) =>
            `Too little disk space for ${disk.what}: ${gigabytes(disk.neededBytes)} needed, ${gigabytes(disk.freeBytes)} free: ` +
            "make room, or choose another place with --data",
        ),
  },
  {
    name: "ports",
    findings: (facts) =>
      facts.ports.flatMap((port) => {
        const where = `Port ${port.port} on ${port.address}`;
        if (port.state === "taken")
          return [
            `${where} is taken${port.holder === undefined ? "" : ` by ${port.holder}`}: stop that, or choose another with ${port.flag}`,
          ];
        if (port.state === "refused")
          return [`${where} cannot be listened on: this machine has no such address (--bind)`];
        return [];
      }),
  },
  {
    name: "data folder",
    findings: (facts) =>
      facts.dataFolder === "foreign"
        ? [`${facts.dataDir} holds something that is not a platform's: choose an empty or new folder with --data`]
        : [],
  },
  {
    name: "leftovers",
    findings: (facts) =>
      facts.containers > 0 && (facts.dataFolder === "none" || facts.dataFolder === "empty")
        ? [
            `${facts.containers} containers of a platform named ${facts.name} are here, but ${facts.dataDir} is not its data folder: ` +
              `give the right --data, or remove them with bin/quine destroy --name ${facts.name}`,
          ]
        : [],
  },
];

/** @returns what is in the way, one sentence each; empty when the boot may begin. */
export function preflight(facts: MachineFacts): string[] {
  return checks.flatMap((check) => check.findings(facts));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
