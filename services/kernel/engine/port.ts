/**
 * The container engine as the platform sees it: containers, one network, one image. Docker is one way to have it
 * (docker.ts); test/fakes/engine.ts is another; test/contracts/engine.test.ts holds both to the same behaviour.
 */
export interface Engine {
  /** @throws Problem service_unavailable when no engine answers. */
  info(): Promise<EngineInfo>;
  /** Every container, running or not, that carries all the labels. */
  listContainers(labels: Readonly<Record<string, string>>): Promise<ContainerFact[]>;
  /** @returns the container's id. @throws Problem conflict when the name is taken: names make creation happen at most once. */
  createContainer(spec: ContainerSpec): Promise<string>;
  /** Starting a running container is fine. @throws Problem not_found. */
  startContainer(id: string): Promise<void>;
  /** Sends a signal; a container that is not running, or gone, is fine. */
  killContainer(id: string, signal: string): Promise<void>;
  /** Kills and removes; a container that is gone is fine. */
  removeContainer(id: string): Promise<void>;
  /** @returns undefined when it is gone. */
  inspectContainer(id: string): Promise<ContainerFact | undefined>;
  /** Resolves when the container is not running (at once if it is not). @throws Problem not_found when it is gone; the signal's reason. */
  waitContainer(id: string, signal?: AbortSignal): Promise<{ exitStatus: number }>;
  /**
   * Lines of stdout and stderr from `since` on, following until the container ends or the signal aborts. Lines over 64 KB are split.
   * Of a container that was not started, or keeps no output, there are none.
   * @throws Problem not_found; service_unavailable when the engine goes.
   */
  followOutput(id: string, options: { since?: Date; signal: AbortSignal }): AsyncGenerator<OutputLine, void>;
  /**
   * Wake-ups: one value as soon as nothing is missed any more, then one for each change of a container with the labels; carries no facts.
   * Ends when the signal aborts or the engine goes. @throws Problem service_unavailable when no engine answers at the start.
   */
  watch(labels: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<void, void>;
  /** A bridge whose containers cannot talk to each other. There already is fine. @throws Problem conflict when another of the name is in use. */
  ensureNetwork(spec: NetworkSpec): Promise<void>;
  /** Gone already is fine. @throws Problem conflict while containers run in it. */
  removeNetwork(name: string): Promise<void>;
  hasImage(name: string): Promise<boolean>;
}

export interface EngineInfo {
  readonly version: string;
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** "uid:gid"; default root. */
  readonly user?: string;
  readonly network:
    | { readonly kind: "network"; readonly name: string; readonly address?: string }
    | { readonly kind: "container"; readonly id: string }
    | { readonly kind: "host" }
    | { readonly kind: "none" };
  readonly publish?: readonly { readonly hostAddress: string; readonly hostPort: number; readonly port: number }[];
  readonly binds?: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly?: boolean;
    readonly propagation?: "rshared" | "rslave";
  }[];
  readonly memoryBytes?: number;
  readonly cpuShares?: number;
  readonly pidsMax?: number;
  readonly readOnlyRoot?: boolean;
  readonly capDrop?: readonly string[];
  readonly capAdd?: readonly string[];
  readonly securityOptions?: readonly string[];
  readonly deviceRules?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Comes back by itself when the engine does; only the runtime has this. Default never. */
  readonly restart?: "always";
  /** Bytes of output the engine keeps; the oldest go first. Undefined: none is kept. */
  readonly outputBytesMax?: number;
}

export interface ContainerFact {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: "created" | "running" | "exited";
  /** Address in its own network; undefined when it shares another's, or is not running. */
  readonly address: string | undefined;
  readonly exitStatus: number | undefined;
  readonly isOutOfMemory: boolean;
  readonly startedAt: Date | undefined;
  readonly finishedAt: Date | undefined;
}

export interface NetworkSpec {
  readonly name: string;
  /** Name of its bridge on the host, 15 characters at most: the firewall's rules stand on it. */
  readonly bridge: string;
  readonly subnet: string;
  /** Where addresses come from that nobody asked for by number. */
  readonly pool: string;
  readonly gateway: string;
  readonly mtu: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly at: Date;
  /** Without its line end. */
  readonly text: string;
}
