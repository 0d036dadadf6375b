import { StringDecoder } from "node:string_decoder";

/** What the pusher sees, `remote: ` before each line (git adds that). */
export interface Terminal {
  line(text: string): void;
  /** Text that need not end with its line. */
  part(text: string): void;
  /** Bytes of somebody else's program: made fit for a terminal, line by line. */
  foreign(chunk: Uint8Array): void;
  /** Prints what `foreign` still holds, and how many bytes were dropped. */
  flush(): void;
}

const lineLengthMax = 8_192;

/**
 * @param write where text goes; nothing waits for it, so the sum of what is written is bounded.
 * @param bytesMax of foreign output; what comes after is dropped and counted. The service's own lines always come through.
 */
export function createTerminal(write: (text: string) => void, bytesMax: number): Terminal {
  const decoder = new StringDecoder("utf8");
  let held = "";
  let bytes = 0;
  let dropped = 0;

  const print = (text: string) => {
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > bytesMax) dropped += size;
    else {
      bytes += size;
      write(`${printable(text)}\n`);
    }
  };

  return {
    line: (text) => write(`${printable(text)}\n`),
    part: (text) => write(printable(text)),
    foreign(chunk) {
      const lines = (held + decoder.write(Buffer.from(chunk))).split("\n");
      held = lines.pop() ?? "";
      for (const line of lines) print(line);
      while (held.length > lineLengthMax) {
        print(held.slice(0, lineLengthMax));
        held = held.slice(lineLengthMax);
      }
    },
    flush() {
      held += decoder.end();
      if (held !== "") print(held);
      held = "";
      if (dropped > 0) write(` !     ${dropped} bytes of output were left out: more than ${bytesMax} were printed\n`);
      dropped = 0;
    },
  };
}

const escapeCharacter = String.fromCharCode(27);
/** Escape sequences of any kind, and control characters but tab and line end. */
const unprintable = new RegExp(
  `${escapeCharacter}(?:\\[[0-?]*[ -/]*[@-~]?|\\][^\\p{Cc}]*(?:${escapeCharacter}\\\\|\\p{Cc})?|.)?|[^\\P{Cc}\\t\\n]`,
  "gu",
);
const colour = new RegExp(`^${escapeCharacter}\\[[0-9;]*m$`);

/**
 * A build prints what its dependencies please, into the terminal of whoever pushes: colours stay, what moves the cursor, sets titles
 * or answers in the user's name goes.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (found) => (colour.test(found) ? found : ""));
}
