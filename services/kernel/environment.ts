/**
 * Reads a service's settings from the environment once, at start. Only a service's `config.ts` calls this, with
 * `process.env` as its argument, so that every setting of a service stands in one place and a missing one ends the start with its name.
 */
export class Environment {
  readonly #values: Readonly<Record<string, string | undefined>>;

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.#values = values;
  }

  /** @throws Error naming the variable when it is not set or empty. */
  text(name: string, fallback?: string): string {
    const value = this.#values[name] ?? fallback;
    if (value === undefined || (value === "" && fallback !== "")) throw new Error(`Cannot start: ${name} is not set`);
    return value;
  }

  optional(name: string): string | undefined {
    const value = this.#values[name];
    return value === "" ? undefined : value;
  }

  /** A whole number ≥ 0. @throws Error naming the variable when it is anything else. */
  integer(name: string, fallback?: number): number {
    const text = this.#values[name];
    if (text === undefined || text === "") {
      if (fallback === undefined) throw new Error(`Cannot start: ${name} is not set`);
      return fallback;
    }
    if (!/^\d{1,15}$/.test(text))
      throw new Error(`Cannot start: ${name} must be a whole number, it is ${JSON.stringify(text)}`);
    return Number(text);
  }
}
