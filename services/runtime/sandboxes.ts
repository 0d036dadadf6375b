import { randomBytes } from "node:crypto";
import { ingressContainer, networkName, sandboxContainer } from "../kernel/dyno/container.ts";
import type { ContainerFact, Engine } from "../kernel/engine/port.ts";
import type { Platform } from "../kernel/platform.ts";
import type { SystemApp } from "../kernel/system-apps.ts";
import type { Observed } from "./observe.ts";

/** A network a dyno can join. */
export interface Sandbox {
  readonly id: string;
  readonly address: string;
}

/**
 * Network sandboxes, a few of them made ahead: their start is the slow half of a dyno's. A sandbox serves one dyno and goes with it,
 * so no address ever passes from one app to another with connections still open.
 */
export interface Sandboxes {
  /** One for the dyno: the app's fixed place, the ingress, or one from the pool (made now when the pool is empty). */
  take(system: SystemApp | undefined): Promise<Sandbox>;
  /** Makes the pool full while the runtime is idle, and removes sandboxes that no dyno uses and that the pool does not hold. */
  tend(observed: Observed, isIdle: () => boolean): Promise<void>;
  /** Starts the ingress if it does not run. @returns true when it had to. */
  keepIngress(observed: Observed): Promise<void>;
}

export function createSandboxes(engine: Engine, platform: Platform, readyMax: number): Sandboxes {
  const pool: Sandbox[] = [];
  /** Taken, and its dyno's container not seen yet. */
  const taken = new Set<string>();
  /** Names of those being made for a dyno at this moment: what the engine lists may hold them already. */
  const making = new Set<string>();
  let tending = false;

  async function make(name: string, address?: string): Promise<Sandbox> {
    const id = await engine.createContainer(sandboxContainer(platform, name, address));
    await engine.startContainer(id);
    const fact = await engine.inspectContainer(id);
    if (fact?.address === undefined)
      throw new Error(`Cannot make a sandbox: ${networkName(platform)} gave it no address`);
    return { id, address: fact.address };
  }

  async function takeFixed(system: SystemApp, address: string): Promise<Sandbox> {
    const name = `${platform.name}-sandbox-${system.name}`;
    const found = await engine.inspectContainer(name);
    if (found?.state === "running" && found.address === address) return { id: found.id, address };
    if (found !== undefined) await engine.removeContainer(found.id);
    return make(system.name, address);
  }

  return {
    async take(system) {
      if (system?.network === "ingress") {
        const fact = await engine.inspectContainer(ingressContainer(platform).name);
        if (fact?.address === undefined) throw new Error("Cannot start a router: the ingress sandbox does not run yet");
        return { id: fact.id, address: fact.address };
      }
      if (system?.address !== undefined) return takeFixed(system, system.address(platform.subnetPrefix));
      const ready = pool.shift();
      if (ready !== undefined) {
        taken.add(ready.id);
        return ready;
      }
      const name = randomBytes(5).toString("hex");
      making.add(name);
      try {
        const made = await make(name);
        taken.add(made.id);
        return made;
      } finally {
        making.delete(name);
      }
    },

    async tend(observed, isIdle) {
      if (tending) return;
      tending = true;
      try {
        const used = new Set(observed.dynos.map((dyno) => dyno.sandboxId));
        for (const id of taken) if (used.has(id)) taken.delete(id);
        const running = new Map(
          observed.sandboxes.filter((fact) => fact.state === "running").map((fact) => [fact.id, fact]),
        );
        const known = new Set(observed.sandboxes.map((fact) => fact.id));
        // The pool forgets what died; it takes in what an earlier runtime left ready.
        for (const sandbox of [...pool])
          if (known.has(sandbox.id) && !running.has(sandbox.id)) pool.splice(pool.indexOf(sandbox), 1);
        const pooled = new Set(pool.map((sandbox) => sandbox.id));
        for (const fact of observed.sandboxes) {
          if (used.has(fact.id) || taken.has(fact.id) || pooled.has(fact.id) || making.has(fact.name.slice(-10)))
            continue;
          if (isPoolable(fact) && pool.length < readyMax) pool.push({ id: fact.id, address: fact.address as string });
          else if (!isFixed(fact)) await engine.removeContainer(fact.id);
        }
        while (pool.length < readyMax && isIdle()) pool.push(await make(randomBytes(5).toString("hex")));
      } finally {
        tending = false;
      }
    },

    async keepIngress(observed) {
      if (observed.ingress?.state === "running") return;
      if (observed.ingress !== undefined) return engine.startContainer(observed.ingress.id);
      await engine.startContainer(await engine.createContainer(ingressContainer(platform)));
    },
  };

  function isFixed(fact: ContainerFact): boolean {
    return !/-sandbox-[0-9a-f]{10}$/.test(fact.name);
  }

  /** Ready, and never used: one a dyno was in is removed with the dyno. */
  function isPoolable(fact: ContainerFact): boolean {
    return fact.state === "running" && fact.address !== undefined && !isFixed(fact);
  }
}
