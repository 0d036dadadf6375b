/**
 * The build cannot succeed with this source: the pusher's to mend. The message is shown as it is, and is the build's failure message.
 * Anything else that is thrown is a bug of ours or a fault of the platform, and is reported as such.
 */
export class CompileFail extends Error {
  /** Further lines that say what to do, shown below the message. */
  readonly hints: readonly string[];
  /** The reason in the words of the program that failed: on the terminal already, so only the build's record needs it. */
  readonly reason: string | undefined;

  constructor(message: string, hints: readonly string[] = [], options: { cause?: unknown; reason?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "CompileFail";
    this.hints = hints;
    this.reason = options.reason;
  }

  /** What the build's record says. */
  get record(): string {
    return [this.message, this.reason, ...this.hints].filter((part) => part !== undefined && part !== "").join(" ");
  }
}
