/** Reads an answer's fields, each as what it must be; what is not there or is something else is the server's fault, by name. */
export class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #where: string;

  /** @param where what is read, for the error, e.g. `GET /apps` */
  constructor(value: unknown, where: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Error(`The platform's answer to ${where} is no object`);
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#where = where;
  }

  /** Everything, as it came: for --json. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#value;
  }

  text(name: string): string {
    const value = this.#value[name];
    return typeof value === "string" ? value : this.#fail(name, "text");
  }

  /** Undefined where it is absent or null. */
  optionalText(name: string): string | undefined {
    return this.#value[name] === undefined || this.#value[name] === null ? undefined : this.text(name);
  }

  number(name: string): number {
    const value = this.#value[name];
    return typeof value === "number" ? value : this.#fail(name, "a number");
  }

  isTrue(name: string): boolean {
    return this.#value[name] === true;
  }

  /** An object within, or undefined where it is absent or null. */
  inner(name: string): Fields | undefined {
    const value = this.#value[name];
    return value === undefined || value === null ? undefined : new Fields(value, `${this.#where} (${name})`);
  }

  #fail(name: string, expected: string): never {
    throw new Error(`The platform's answer to ${this.#where} has no ${name} that is ${expected}`);
  }
}
