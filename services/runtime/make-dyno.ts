import type { DesiredOneOff, DesiredRelease } from "../kernel/desired.ts";
import type { Dyno } from "../kernel/dyno/dyno.ts";
import { ports } from "../kernel/platform.ts";
import { openAll, type Seal } from "../kernel/seal.ts";
import { sizeNamed } from "../kernel/sizes.ts";
import { systemAppNamed } from "../kernel/system-apps.ts";
import type { Slot } from "./plan.ts";

/** The dyno of a place in a formation. @param id, createdAt chosen by the caller: this is pure but for opening the seals. */
export function formationDyno(slot: Slot, id: string, createdAt: Date, seal: Seal): Dyno {
  return {
    id,
    createdAt,
    appId: slot.app.id,
    appName: slot.app.name,
    system: slot.app.system,
    name: slot.name,
    type: slot.type,
    command: slot.release.processTypes[slot.type] ?? "",
    size: sized(slot.size),
    port: portOf(slot, id),
    ...ofRelease(slot.release, seal),
  };
}

/** The dyno of a run wanted once: it has the run's id. */
export function oneOffDyno(oneOff: DesiredOneOff, createdAt: Date, seal: Seal): Dyno {
  const release = ofRelease(oneOff.release, seal);
  return {
    id: oneOff.id,
    createdAt,
    appId: oneOff.appId,
    appName: oneOff.appName,
    system: false,
    name: oneOff.name,
    type: oneOff.type,
    command: oneOff.command,
    size: sized(oneOff.size),
    port: undefined,
    ...release,
    env: { ...release.env, ...openAll(seal, oneOff.env) },
    ...(oneOff.buildAppId !== undefined
      ? { build: { appId: oneOff.buildAppId, layers: oneOff.buildLayers, cache: oneOff.cacheLayer } }
      : {}),
  };
}

function ofRelease(release: DesiredRelease, seal: Seal): Pick<Dyno, "releaseId" | "releaseVersion" | "layers" | "env"> {
  return {
    releaseId: release.id,
    releaseVersion: release.version,
    layers: release.layers,
    env: {
      HEROKU_RELEASE_CREATED_AT: `${new Date(release.createdAt).toISOString().slice(0, 19)}Z`,
      HEROKU_SLUG_DESCRIPTION: release.description,
      ...(release.commit === undefined || release.commit === null ? {} : { HEROKU_SLUG_COMMIT: release.commit }),
      ...openAll(seal, release.config),
    },
  };
}

/**
 * Which port the dyno serves on. Routers share one network, so each gets a port of its own, made of its id; a tenant serves
 * when it is `web`, a part of the platform when kernel/system-apps.ts says so.
 */
function portOf(slot: Slot, id: string): number | undefined {
  if (!slot.app.system) return slot.type === "web" ? ports.dyno : undefined;
  const system = systemAppNamed(slot.app.name);
  if (system === undefined || slot.type !== system.name) return undefined;
  return system.network === "ingress"
    ? 20_000 + (Number.parseInt(id.replaceAll("-", "").slice(0, 6), 16) % 20_000)
    : system.port;
}

function sized(name: string) {
  const size = sizeNamed(name);
  if (size === undefined) throw new Error(`Cannot make a dyno: there is no size ${name}`);
  return size;
}
