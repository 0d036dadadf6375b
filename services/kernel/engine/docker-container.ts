import type { ContainerSpec } from "./port.ts";

/**
 * The body of Docker's "create container" for a spec. Pure. What the spec does not say is the strict choice:
 * no terminal, no init, no restart, no swap, none of the image's entrypoint.
 */
export function dockerContainer(spec: ContainerSpec) {
  return {
    name: spec.name,
    Image: spec.image,
    Entrypoint: [] as string[],
    Cmd: [...spec.command],
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    WorkingDir: spec.workingDir,
    User: spec.user ?? "0:0",
    Tty: false,
    OpenStdin: false,
    // What the engine grants a container when it is itself asked to stop: SIGTERM, this, SIGKILL.
    StopTimeout: 10,
    ExposedPorts: Object.fromEntries((spec.publish ?? []).map(({ port }) => [`${port}/tcp`, {}])),
    HostConfig: {
      NetworkMode: networkMode(spec.network),
      PortBindings: portBindings(spec.publish ?? []),
      Mounts: (spec.binds ?? []).map((bind) => ({
        Type: "bind" as const,
        Source: bind.source,
        Target: bind.target,
        ReadOnly: bind.readOnly ?? false,
        BindOptions: { Propagation: bind.propagation ?? ("rprivate" as const) },
      })),
      // Equal limits mean no swap: a dyno over its memory is ended, not slowed.
      ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes, MemorySwap: spec.memoryBytes }),
      CpuShares: spec.cpuShares,
      PidsLimit: spec.pidsMax,
      ReadonlyRootfs: spec.readOnlyRoot ?? false,
      CapDrop: [...(spec.capDrop ?? [])],
      CapAdd: [...(spec.capAdd ?? [])],
      SecurityOpt: [...(spec.securityOptions ?? [])],
      DeviceCgroupRules: [...(spec.deviceRules ?? [])],
      Sysctls: { ...spec.sysctls },
      RestartPolicy: { Name: spec.restart ?? "no" },
      IpcMode: "private",
      Init: false,
      LogConfig: logConfig(spec.outputBytesMax),
    },
    ...(spec.network.kind === "network"
      ? {
          NetworkingConfig: {
            EndpointsConfig: {
              [spec.network.name]:
                spec.network.address === undefined ? {} : { IPAMConfig: { IPv4Address: spec.network.address } },
            },
          },
        }
      : {}),
  };
}

function networkMode(network: ContainerSpec["network"]): string {
  switch (network.kind) {
    case "network":
      return network.name;
    case "container":
      return `container:${network.id}`;
    case "host":
    case "none":
      return network.kind;
  }
}

function portBindings(publish: NonNullable<ContainerSpec["publish"]>) {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { port, hostAddress, hostPort } of publish) {
    bindings[`${port}/tcp`] ??= [];
    bindings[`${port}/tcp`]?.push({ HostIp: hostAddress, HostPort: String(hostPort) });
  }
  return bindings;
}

/** Two files of half the size: when one is full the other still holds what came before; a single file would be emptied. */
function logConfig(bytesMax: number | undefined): { Type: string; Config: Record<string, string> } {
  if (bytesMax === undefined) return { Type: "none", Config: {} };
  return { Type: "json-file", Config: { "max-size": String(Math.ceil(bytesMax / 2)), "max-file": "2" } };
}
