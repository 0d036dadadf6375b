/**
 * How a platform comes into being, as data. A step says what shall be true; its kind (kinds/) knows how to see whether it is, and
 * how to make it so. The order is that of need: each step uses only what the steps above it left.
 */
export type Step =
  | {
      readonly name: string;
      readonly kind: "host-packages";
      readonly arguments: { readonly programs: readonly HostProgram[] };
    }
  | { readonly name: string; readonly kind: "engine"; readonly arguments: { readonly waitMs: number } }
  | { readonly name: string; readonly kind: "data-folder"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "trust"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "stack-image"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "certificate"; readonly arguments: { readonly validDays: number } }
  | { readonly name: string; readonly kind: "network"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "ingress"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "stage-zero"; readonly arguments: { readonly timeLimitMs: number } }
  | {
      readonly name: string;
      readonly kind: "dyno";
      readonly arguments: { readonly app: "postgres" | "registry"; readonly waitMs: number };
    }
  | { readonly name: string; readonly kind: "roles"; readonly arguments: { readonly roles: readonly DatabaseRole[] } }
  | { readonly name: string; readonly kind: "migrate"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "publish"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "register"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "runtime"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "answers"; readonly arguments: { readonly waitMs: number } }
  | { readonly name: string; readonly kind: "handover"; readonly arguments: Record<never, never> }
  | { readonly name: string; readonly kind: "self"; readonly arguments: { readonly waitMs: number } }
  | {
      readonly name: string;
      readonly kind: "sample";
      readonly arguments: { readonly app: string; readonly folder: string };
    };

/** A program of the host that the seed runs, and the Debian package that has it. */
export interface HostProgram {
  readonly program: string;
  readonly package: string;
}

/** One for each service that speaks to the database: what each may do stands in the migrations' grants. */
export type DatabaseRole = "api" | "runtime" | "router" | "git";
export const databaseRoles: readonly DatabaseRole[] = ["api", "runtime", "router", "git"];

const hostPackages: Step = {
  name: "host packages",
  kind: "host-packages",
  arguments: {
    programs: [
      { program: "mmdebstrap", package: "mmdebstrap" },
      { program: "unsquashfs", package: "squashfs-tools" },
      { program: "mkfs.ext4", package: "e2fsprogs" },
      { program: "openssl", package: "openssl" },
      { program: "iptables", package: "iptables" },
      { program: "git", package: "git" },
      { program: "ip", package: "iproute2" },
      { program: "mount", package: "mount" },
    ],
  },
};
const engine: Step = { name: "container engine", kind: "engine", arguments: { waitMs: 60_000 } };
const dataFolder: Step = { name: "data folder", kind: "data-folder", arguments: {} };
const trust: Step = { name: "trust", kind: "trust", arguments: {} };
const stackImage: Step = { name: "stack image", kind: "stack-image", arguments: {} };
const network: Step = { name: "network", kind: "network", arguments: {} };
const ingress: Step = { name: "ingress", kind: "ingress", arguments: {} };
const runtime: Step = { name: "runtime", kind: "runtime", arguments: {} };
const answers: Step = { name: "platform answers", kind: "answers", arguments: { waitMs: 90_000 } };

/** What tests need of a machine: an engine, and the image of every dyno. */
export const engineManifest: readonly Step[] = [hostPackages, engine];
export const stackManifest: readonly Step[] = [hostPackages, engine, stackImage];

/** The first start: from a bare machine to a platform that runs its own parts. */
export const bootManifest: readonly Step[] = [
  hostPackages,
  engine,
  dataFolder,
  trust,
  stackImage,
  { name: "certificate", kind: "certificate", arguments: { validDays: 820 } },
  network,
  ingress,
  { name: "slug A", kind: "stage-zero", arguments: { timeLimitMs: 15 * 60_000 } },
  { name: "postgres", kind: "dyno", arguments: { app: "postgres", waitMs: 60_000 } },
  { name: "database roles", kind: "roles", arguments: { roles: databaseRoles } },
  { name: "database tables", kind: "migrate", arguments: {} },
  { name: "registry", kind: "dyno", arguments: { app: "registry", waitMs: 60_000 } },
  { name: "publish slug A", kind: "publish", arguments: {} },
  { name: "register", kind: "register", arguments: {} },
  runtime,
  answers,
  { name: "handover", kind: "handover", arguments: {} },
];

/** After a `down` or a reboot: the runtime knows what shall run, and starts it. */
export const startManifest: readonly Step[] = [
  hostPackages,
  engine,
  dataFolder,
  trust,
  stackImage,
  network,
  ingress,
  runtime,
  answers,
];

/** The last two steps of the first start; each is done once in a platform's life. */
export const selfStep: Step = { name: "builds itself", kind: "self", arguments: { waitMs: 15 * 60_000 } };
export const sampleAppName = "node-hello";
export const sampleStep: Step = {
  name: "sample app",
  kind: "sample",
  arguments: { app: sampleAppName, folder: "test/apps/node-hello" },
};
