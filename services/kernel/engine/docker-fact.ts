import type { ContainerFact } from "./port.ts";

/** What of the engine's answers a fact is made of; as the engine spells it. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Labels?: Readonly<Record<string, string>> | null };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly NetworkSettings: { readonly Networks?: Networks | null };
}

export interface ListedContainer {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly State: string;
  /** For people: "Up 5 seconds", "Exited (1) 2 hours ago". */
  readonly Status: string;
  readonly NetworkSettings?: { readonly Networks?: Networks | null } | null;
}

type Networks = Readonly<Record<string, { readonly IPAddress?: string } | undefined>>;

export function inspectedFact(found: InspectedContainer): ContainerFact {
  const state = stateNamed(found.State.Status);
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ""),
    labels: found.Config.Labels ?? {},
    state,
    address: state === "running" ? addressIn(found.NetworkSettings.Networks) : undefined,
    exitStatus: state === "exited" ? found.State.ExitCode : undefined,
    isOutOfMemory: state === "exited" && found.State.OOMKilled,
    startedAt: state === "created" ? undefined : dateOf(found.State.StartedAt),
    finishedAt: state === "exited" ? dateOf(found.State.FinishedAt) : undefined,
  };
}

/** A container that has not ended, out of the list alone. @param startedAt undefined for one that was never started. */
export function listedFact(found: ListedContainer, startedAt: Date | undefined): ContainerFact {
  const state = stateNamed(found.State);
  return {
    id: found.Id,
    name: (found.Names[0] ?? "").replace(/^\//, ""),
    labels: found.Labels ?? {},
    state,
    address: state === "running" ? addressIn(found.NetworkSettings?.Networks) : undefined,
    exitStatus: undefined,
    isOutOfMemory: false,
    startedAt,
    finishedAt: undefined,
  };
}

/** The engine has more words than the platform: a paused container still holds its place, the others have no process. */
export function stateNamed(status: string): ContainerFact["state"] {
  if (status === "created") return "created";
  return status === "running" || status === "paused" ? "running" : "exited";
}

/** Seconds since its start that a listed container claims, as far as it says seconds; undefined for older ones. */
export function secondsUp(status: string): number | undefined {
  if (status.startsWith("Up Less than a second")) return 0;
  const seconds = /^Up (\d+) seconds?/.exec(status)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function addressIn(networks: Networks | null | undefined): string | undefined {
  for (const network of Object.values(networks ?? {})) if (network?.IPAddress) return network.IPAddress;
  return undefined;
}

/** Year 1 is the engine's word for never. */
function dateOf(text: string): Date | undefined {
  return text.startsWith("0001-") || text === "" ? undefined : new Date(text);
}
