import { readFile } from "node:fs/promises";
import { bridgeName, networkName } from "../../kernel/dyno/container.ts";
import { addresses, labels } from "../../kernel/platform.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";

/** The network of dynos: closed inside, until the runtime's firewall opens the few lines there are. */
export const network: Kind<World, Record<never, never>> = {
  async check({ platform, engineApi }) {
    const wanted = addresses.network(platform.subnetPrefix);
    const found = await engineApi.subnetOf(networkName(platform));
    return found === wanted ? done(wanted) : missing(found === undefined ? "not there" : `${found}, not ${wanted}`);
  },
  async act({ platform, engine }) {
    const prefix = platform.subnetPrefix;
    await engine.ensureNetwork({
      name: networkName(platform),
      bridge: bridgeName(platform),
      subnet: addresses.network(prefix),
      pool: addresses.pool(prefix),
      gateway: addresses.gateway(prefix),
      mtu: await defaultRouteMtu(),
      labels: { [labels.platform]: platform.name },
    });
  },
};

/** What the way out of this machine carries: on cloud networks often less than 1500, and larger packets would vanish. */
async function defaultRouteMtu(): Promise<number> {
  const device = defaultDevice(await readFile("/proc/net/route", "utf8"));
  if (device === undefined) return 1500;
  const mtu = Number((await readFile(`/sys/class/net/${device}/mtu`, "utf8").catch(() => "")).trim());
  return Number.isInteger(mtu) && mtu >= 576 && mtu <= 1500 ? mtu : 1500;
}

/** @param table text of /proc/net/route: device, destination, …, flags, …, metric; the default route is to 00000000 with mask 00000000. */
export function defaultDevice(table: string): string | undefined {
  const routes = table
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields[1] === "00000000" && fields[7] === "00000000")
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  return routes[0]?.[0];
}
