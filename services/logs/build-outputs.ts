import { BuildOutput } from "./build-output.ts";
import type { Limits } from "./limits.ts";

/** The outputs of the last builds, within one amount of memory: those that ended go first, the one written longest ago before others. */
export class BuildOutputs {
  readonly #limits: Limits;
  readonly #outputs = new Map<string, { readonly output: BuildOutput; touchedAt: number }>();
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#outputs.size;
  }

  /** @returns false when that build's output had ended. */
  push(buildId: string, line: string, now: number): boolean {
    const output = this.open(buildId, now);
    const before = output.bytes;
    const isTaken = output.push(line);
    this.#bytes += output.bytes - before;
    this.#outputs.delete(buildId);
    this.#outputs.set(buildId, { output, touchedAt: now });
    this.#makeRoom(buildId);
    return isTaken;
  }

  end(buildId: string, now: number): void {
    this.open(buildId, now).end();
  }

  /** The output of a build, empty where it has not begun. */
  open(buildId: string, now: number): BuildOutput {
    const known = this.#outputs.get(buildId);
    if (known !== undefined) return known.output;
    const output = new BuildOutput(this.#limits.bytesPerBuildMax);
    this.#outputs.set(buildId, { output, touchedAt: now });
    this.#makeRoom(buildId);
    return output;
  }

  /** Forgets outputs nobody wrote to for long; whoever still reads one is at its end. */
  sweep(now: number): void {
    for (const [id, { output, touchedAt }] of this.#outputs) {
      if (now - touchedAt >= this.#limits.buildIdleMs) this.#forget(id, output);
    }
  }

  #makeRoom(keptId: string): void {
    for (const isEndedOnly of [true, false]) {
      for (const [id, { output }] of this.#outputs) {
        if (this.#bytes <= this.#limits.bytesOfBuildsMax && this.#outputs.size <= this.#limits.buildsMax) return;
        if (id !== keptId && (output.hasEnded || !isEndedOnly)) this.#forget(id, output);
      }
    }
  }

  #forget(id: string, output: BuildOutput): void {
    this.#outputs.delete(id);
    this.#bytes -= output.bytes;
    output.end();
  }
}
