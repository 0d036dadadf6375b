/** A sleep that others can end. A wake-up while nobody sleeps ends the next sleep at once, so none is lost. */
export class Wake {
  #woken = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** @returns true when woken, false when `ms` passed. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = undefined;
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }
}
