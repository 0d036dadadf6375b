import { firewallJumps, firewallRules, type Place } from "../kernel/dyno/firewall.ts";
import type { Platform } from "../kernel/platform.ts";
import { runProgram } from "../kernel/run-program.ts";

/** Keeps the host's firewall as {@link firewallRules} says. */
export interface Firewall {
  /** Applies the rules when they are not what was applied last. */
  apply(places: readonly Place[]): Promise<void>;
  /** The next apply looks at the host's rules, not at what was applied: the engine or a person may have changed them. */
  forget(): void;
}

export function createFirewall(platform: Platform): Firewall {
  let applied: string | undefined;
  let program: string | undefined;
  let turn: Promise<void> = Promise.resolve();

  async function restore(rules: string): Promise<void> {
    program ??= await findProgram();
    await runProgram(`${program}-restore`, ["--noflush"], { input: rules });
    for (const { chain, rule } of firewallJumps(platform)) {
      const isThere = await runProgram(program, ["-C", chain, ...rule]).then(
        () => true,
        () => false,
      );
      if (!isThere) await runProgram(program, ["-I", chain, "1", ...rule]);
    }
    applied = rules;
  }

  return {
    apply(places) {
      const rules = firewallRules(platform, places);
      turn = turn.catch(() => {}).then(() => (applied === rules ? undefined : restore(rules)));
      return turn;
    },
    forget() {
      applied = undefined;
    },
  };
}

/** The engine writes with one of two programs, which don't see each other's rules: ours must be the one that knows DOCKER-USER. */
async function findProgram(): Promise<string> {
  for (const program of ["iptables-nft", "iptables-legacy"]) {
    const found = await runProgram(program, ["-S", "DOCKER-USER"]).then(
      () => true,
      () => false,
    );
    if (found) return program;
  }
  throw new Error("Cannot set up the firewall: the engine has made no DOCKER-USER chain (is its --iptables off?)");
}
