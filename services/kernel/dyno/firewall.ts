import { addresses, type Platform, ports } from "../platform.ts";
import { systemApps } from "../system-apps.ts";
import { bridgeName } from "./container.ts";

/** Where a running dyno of a system app is: what the firewall's exceptions are made of. */
export interface Place {
  readonly appName: string;
  readonly address: string;
}

/** Names of the two chains of a platform: what crosses the bridge, and what dynos send to the host itself. */
export function chainNames(platform: Platform): { forward: string; input: string } {
  const base = `QUINE-${platform.name.toUpperCase()}`.slice(0, 24);
  return { forward: base, input: `${base}-IN` };
}

/**
 * The rules, as `iptables-restore --noflush` reads them: it replaces the two chains at once. Everything between dynos is closed
 * but the lines drawn in docs/architecture.md; the world is open to dynos; the host and link-local metadata addresses are closed to them.
 */
export function firewallRules(platform: Platform, places: readonly Place[]): string {
  const { forward, input } = chainNames(platform);
  const bridge = bridgeName(platform);
  const prefix = platform.subnetPrefix;
  const inside = `-A ${forward} -i ${bridge} -o ${bridge}`;
  const targets = {
    postgres: { address: addresses.postgres(prefix), port: ports.postgres },
    registry: { address: addresses.registry(prefix), port: ports.registry },
  };
  const reaches = places
    .flatMap((place) =>
      (systemApps.find((app) => app.name === place.appName)?.reaches ?? []).map((name) => {
        const target = targets[name];
        return `${inside} -s ${place.address} -d ${target.address} -p tcp --dport ${target.port} -j ACCEPT`;
      }),
    )
    .sort();
  return [
    "*filter",
    `:${forward} - [0:0]`,
    `:${input} - [0:0]`,
    `-A ${forward} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `${inside} -s ${addresses.ingress(prefix)} -j ACCEPT`,
    `${inside} -d ${addresses.ingress(prefix)} -p tcp -m multiport --dports ${ports.ingressHttp},${ports.ingressHttps} -j ACCEPT`,
    ...new Set(reaches),
    `${inside} -j DROP`,
    // Where clouds tell a machine its secrets: link-local, and one cloud's address of its own.
    `-A ${forward} -d 169.254.0.0/16 -j DROP`,
    `-A ${forward} -d 100.100.100.200/32 -j DROP`,
    `-A ${forward} -j RETURN`,
    `-A ${input} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `-A ${input} -j DROP`,
    "COMMIT",
    "",
  ].join("\n");
}

/** How packets get to the chains: one rule each in DOCKER-USER (the engine leaves that to us) and INPUT. */
export function firewallJumps(
  platform: Platform,
): readonly { readonly chain: string; readonly rule: readonly string[] }[] {
  const { forward, input } = chainNames(platform);
  const bridge = bridgeName(platform);
  return [
    { chain: "DOCKER-USER", rule: ["-i", bridge, "-j", forward] },
    { chain: "INPUT", rule: ["-i", bridge, "-j", input] },
  ];
}
