import type { Place } from "../kernel/dyno/firewall.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import type { Firewall } from "./firewall.ts";
import type { ActualDyno } from "./world.ts";

/** Opens the firewall for the parts of the platform that run, and for those about to, before they make their first connection. */
export interface Doors {
  /** Takes in all that runs; rules of what is gone go. */
  see(dynos: readonly ActualDyno[]): Promise<void>;
  /** For a dyno whose container is about to appear. */
  admit(appName: string, address: string): Promise<void>;
  /** Looks at the host's own rules next time. */
  distrust(): void;
}

export function createDoors(firewall: Firewall): Doors {
  let seen: readonly Place[] = [];
  const admitted = new Map<string, Place>();
  const apply = () => firewall.apply([...seen, ...admitted.values()]);
  return {
    see(dynos) {
      seen = dynos
        .filter((dyno) => systemAppNamed(dyno.appName)?.name === dyno.type && dyno.address !== undefined)
        .map((dyno) => ({ appName: dyno.appName, address: dyno.address ?? "" }));
      for (const place of seen) admitted.delete(place.address);
      return apply();
    },
    admit(appName, address) {
      admitted.set(address, { appName, address });
      return apply();
    },
    distrust: () => firewall.forget(),
  };
}
