import { isDeepStrictEqual } from "node:util";
import type { NetworkSpec } from "./port.ts";

/** The body of Docker's "create network". Pure. Containers in it reach nobody but the world until the firewall says otherwise. */
export function dockerNetwork(spec: NetworkSpec) {
  return {
    Name: spec.name,
    CheckDuplicate: true,
    Driver: "bridge",
    EnableIPv6: false,
    IPAM: {
      Driver: "default",
      Config: [{ Subnet: spec.subnet, IPRange: spec.pool, Gateway: spec.gateway }],
    },
    Options: {
      "com.docker.network.bridge.name": spec.bridge,
      "com.docker.network.bridge.enable_icc": "false",
      "com.docker.network.driver.mtu": String(spec.mtu),
    },
    Labels: { ...spec.labels },
  };
}

/** @param found what the engine says of the network of that name. @returns what differs, in words; undefined when nothing that matters. */
export function networkDifference(wanted: ReturnType<typeof dockerNetwork>, found: unknown): string | undefined {
  const network = found as Partial<typeof wanted> | undefined;
  if (network === undefined) return "it is gone";
  if (network.Driver !== wanted.Driver) return `its driver is ${network.Driver}`;
  if (!isDeepStrictEqual(subnets(network), subnets(wanted))) {
    return `its addresses are ${JSON.stringify(network.IPAM?.Config ?? [])}`;
  }
  for (const part of ["Options", "Labels"] as const) {
    for (const [name, value] of Object.entries(wanted[part])) {
      const actual = (network[part] as Record<string, string> | null | undefined)?.[name];
      if (actual !== value) return `its ${name} is ${actual ?? "not set"}, not ${value}`;
    }
  }
  return undefined;
}

function subnets(network: Partial<ReturnType<typeof dockerNetwork>>) {
  return (network.IPAM?.Config ?? []).map(({ Subnet, IPRange, Gateway }) => ({ Subnet, IPRange, Gateway }));
}
