import type { ContainerSpec } from "../engine/port.ts";
import { addresses, buildPaths, dataPaths, dynoUser, labels, type Platform, ports } from "../platform.ts";
import { type SystemApp, systemAppNamed } from "../system-apps.ts";
import { type Dyno, extraCaPath, type Trust } from "./dyno.ts";
import { dynoPaths, extractedPath } from "./paths.ts";

/** What the engine keeps of a dyno's output, for the runtime to catch up from after it was away itself. */
const outputBytesMax = 4 * 1024 * 1024;

/** `.profile.d` scripts, then the command: what Heroku's dynos do (contract §5.1). The command is the script's first argument. */
const startScript = [
  "cd /app",
  "for profile in /app/.profile.d/*.sh /app/.profile; do",
  '[ -r "$profile" ] && . "$profile"',
  "done",
  'exec bash -c "$1"',
].join("\n");

/**
 * The container of a dyno. Pure: the same dyno gives the same container.
 * @param sandboxId container id of the sandbox it joins; undefined for the runtime, which is on the host's network.
 */
export function dynoContainer(
  platform: Platform,
  dyno: Dyno,
  sandboxId: string | undefined,
  trust: Trust,
): ContainerSpec {
  const system = dyno.system ? systemAppNamed(dyno.appName) : undefined;
  const isKernel = system?.kernel === true && dyno.type === system.name;
  if (!isKernel && sandboxId === undefined) throw new Error(`Bug: ${dyno.appName} ${dyno.name} has no sandbox`);
  return {
    name: `${platform.name}-${dyno.appName}-${dyno.name}-${dyno.id.slice(0, 8)}`,
    image: platform.stackImage,
    command: ["/usr/bin/tini", "-g", "--", "/bin/bash", "-c", startScript, "dyno", dyno.command],
    env: dynoEnvironment(dyno, trust),
    labels: dynoLabels(platform, dyno, sandboxId),
    workingDir: "/app",
    network: sandboxId === undefined ? { kind: "host" } : { kind: "container", id: sandboxId },
    binds: [
      ...(isKernel ? kernelBinds(platform, dyno) : tenantBinds(platform, dyno)),
      ...(system?.volume === undefined
        ? []
        : [{ source: `${dataPaths.volumes(platform.dataDir)}/${system.name}`, target: system.volume }]),
      ...(trust.hasExtraCa
        ? [{ source: `${dataPaths.trust(platform.dataDir)}/extra-ca.crt`, target: extraCaPath, readOnly: true }]
        : []),
    ],
    memoryBytes: dyno.size.memoryBytes,
    cpuShares: dyno.size.cpuShares,
    pidsMax: dyno.size.pidsMax,
    readOnlyRoot: true,
    capDrop: ["ALL"],
    outputBytesMax,
    ...(isKernel
      ? kernelPowers(system)
      : { user: `${dynoUser.uid}:${dynoUser.gid}`, securityOptions: ["no-new-privileges"] }),
  };
}

function dynoEnvironment(dyno: Dyno, trust: Trust): Record<string, string> {
  return {
    ...trust.dyno,
    ...(dyno.build === undefined ? {} : trust.build),
    HEROKU_APP_ID: dyno.appId,
    HEROKU_APP_NAME: dyno.appName,
    HEROKU_DYNO_ID: dyno.id,
    HEROKU_RELEASE_VERSION: `v${dyno.releaseVersion}`,
    ...dyno.env,
    ...(dyno.port === undefined ? {} : { PORT: String(dyno.port) }),
    DYNO: dyno.name,
    HOME: "/app",
    PWD: "/app",
    LANG: dyno.env.LANG ?? "C.UTF-8",
  };
}

function dynoLabels(platform: Platform, dyno: Dyno, sandboxId: string | undefined): Record<string, string> {
  return {
    [labels.platform]: platform.name,
    [labels.kind]: "dyno",
    [labels.appId]: dyno.appId,
    [labels.appName]: dyno.appName,
    [labels.dynoId]: dyno.id,
    [labels.dynoName]: dyno.name,
    [labels.releaseId]: dyno.releaseId,
    [labels.releaseVersion]: String(dyno.releaseVersion),
    [labels.layers]: dyno.layers.map((layer) => layer.digest.slice("sha256:".length)).join(","),
    [labels.createdAt]: dyno.createdAt.toISOString(),
    ...(sandboxId === undefined ? {} : { [labels.sandbox]: sandboxId }),
    ...(dyno.port === undefined ? {} : { [labels.port]: String(dyno.port) }),
  };
}

function tenantBinds(platform: Platform, dyno: Dyno): NonNullable<ContainerSpec["binds"]> {
  const paths = dynoPaths(platform.dataDir, dyno.id);
  return [
    { source: paths.app, target: "/app" },
    { source: paths.tmp, target: "/tmp" },
    ...(dyno.build === undefined
      ? []
      : [
          { source: paths.build, target: buildPaths.build },
          { source: paths.cache, target: buildPaths.cache },
        ]),
  ];
}

/**
 * The runtime's files are a plain folder, not a mount: the engine starts it after a reboot, when nothing is mounted yet.
 * The data folder is shared both ways, so that what the runtime mounts there the engine sees, and it outlives the runtime.
 */
function kernelBinds(platform: Platform, dyno: Dyno): NonNullable<ContainerSpec["binds"]> {
  return [
    { source: extractedPath(platform.dataDir, dyno.layers), target: "/app", readOnly: true },
    { source: platform.dataDir, target: platform.dataDir, propagation: "rshared" },
    { source: `${dataPaths.runtime(platform.dataDir)}/tmp`, target: "/tmp" },
    { source: `${dataPaths.runtime(platform.dataDir)}/run`, target: "/run" },
    { source: platform.engineSocket, target: "/var/run/docker.sock" },
    { source: "/dev", target: "/dev" },
  ];
}

/** Mounting (and the loop devices for it), the firewall, giving files to the dyno user: no more. */
function kernelPowers(system: SystemApp): Partial<ContainerSpec> {
  if (system.kernel !== true) throw new Error(`Bug: ${system.name} is not the kernel`);
  return {
    user: "0:0",
    capAdd: ["SYS_ADMIN", "NET_ADMIN", "NET_RAW", "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL"],
    // b 7: loop devices; c 10:237: /dev/loop-control, which makes more of them.
    deviceRules: ["b 7:* rwm", "c 10:237 rwm"],
    securityOptions: ["apparmor=unconfined", "no-new-privileges"],
    restart: "always",
  };
}

/** A pause container: it owns the network a dyno will join. Made ahead of time, since its start is the slow half of a dyno's. */
export function sandboxContainer(platform: Platform, id: string, address?: string): ContainerSpec {
  return {
    ...pause(platform, "sandbox", `${platform.name}-sandbox-${id}`),
    network: { kind: "network", name: networkName(platform), ...(address === undefined ? {} : { address }) },
  };
}

/** The sandbox that owns the published ports. Router dynos join it and listen with SO_REUSEPORT, so several run at once. */
export function ingressContainer(platform: Platform): ContainerSpec {
  const publish = (hostPort: number, port: number) => ({ hostAddress: platform.bindAddress, hostPort, port });
  return {
    ...pause(platform, "ingress", `${platform.name}-ingress`),
    network: { kind: "network", name: networkName(platform), address: addresses.ingress(platform.subnetPrefix) },
    publish: [publish(platform.httpPort, ports.ingressHttp), publish(platform.httpsPort, ports.ingressHttps)],
    // Connections that wait at a closing listener move to the next one instead of being reset.
    sysctls: { "net.ipv4.tcp_migrate_req": "1" },
  };
}

function pause(platform: Platform, kind: "sandbox" | "ingress", name: string): Omit<ContainerSpec, "network"> {
  return {
    name,
    image: platform.stackImage,
    command: ["/bin/sleep", "infinity"],
    env: {},
    labels: { [labels.platform]: platform.name, [labels.kind]: kind },
    user: "65534:65534",
    memoryBytes: 16 * 1024 * 1024,
    pidsMax: 4,
    readOnlyRoot: true,
    capDrop: ["ALL"],
    securityOptions: ["no-new-privileges"],
  };
}

export function networkName(platform: Platform): string {
  return `quine-${platform.name}`;
}

/** The bridge of the network on the host; at most 15 characters, as the kernel wants. */
export function bridgeName(platform: Platform): string {
  return `qn-${platform.name}`.slice(0, 15);
}
