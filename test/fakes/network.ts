import { isDeepStrictEqual } from "node:util";
import type { NetworkSpec } from "../../services/kernel/engine/port.ts";
import { Problem } from "../../services/kernel/problem.ts";

/** A network of the fake engine: gives out addresses, fixed ones and the next free of the pool, and takes them back. */
export class FakeNetwork {
  readonly spec: NetworkSpec;
  readonly #taken = new Set<string>();

  constructor(spec: NetworkSpec) {
    this.spec = spec;
    this.#taken.add(spec.gateway);
  }

  isSame(spec: NetworkSpec): boolean {
    return isDeepStrictEqual({ ...this.spec }, { ...spec });
  }

  take(address: string | undefined): string {
    const given = address ?? this.#nextFree();
    if (this.#taken.has(given)) throw new Problem("conflict", `Cannot give out ${given}: it is in use`);
    this.#taken.add(given);
    return given;
  }

  giveBack(address: string): void {
    this.#taken.delete(address);
  }

  #nextFree(): string {
    const [base = "", bits = "16"] = this.spec.pool.split("/");
    const first = base.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
    const count = 2 ** (32 - Number(bits));
    for (let number = first + 1; number < first + count - 1; number++) {
      const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
      if (!this.#taken.has(address)) return address;
    }
    throw new Problem("conflict", `Cannot give out an address: the pool ${this.spec.pool} is used up`);
  }
}
