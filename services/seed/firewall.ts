import { chainNames, firewallJumps } from "../kernel/dyno/firewall.ts";
import type { Platform } from "../kernel/platform.ts";
import { runProgram } from "../kernel/run-program.ts";

/** Takes the platform's chains out of the host's firewall, whichever of iptables' two kinds they are in; none there is fine. */
export async function closeFirewall(platform: Platform): Promise<void> {
  const { forward, input } = chainNames(platform);
  for (const program of ["iptables-nft", "iptables-legacy"]) {
    const run = (...args: string[]) =>
      runProgram(program, ["--wait", "10", ...args]).then(
        () => true,
        () => false,
      );
    const there = [];
    for (const chain of [forward, input]) if (await run("-S", chain)) there.push(chain);
    if (there.length === 0) continue;
    for (const { chain, rule } of firewallJumps(platform)) {
      // One rule a jump, but a person may have added another.
      for (let turn = 0; turn < 10 && (await run("-D", chain, ...rule)); turn += 1);
    }
    for (const chain of there) {
      await run("-F", chain);
      await run("-X", chain);
    }
  }
}
