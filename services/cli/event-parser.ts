export interface StreamEvent {
  readonly id: string | undefined;
  readonly data: string;
}

const bytesMax = 1024 * 1024;

/** Server-sent events out of text that is cut anywhere. */
export class EventParser {
  #rest = "";

  /** @throws Error when an event has no end within 1 MB. */
  push(text: string): StreamEvent[] {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    if (this.#rest.length > bytesMax) throw new Error("An event of the log stream has no end");
    return blocks.flatMap((block) => {
      let id: string | undefined;
      const data: string[] = [];
      for (const line of block.split("\n")) {
        if (line.startsWith("id: ")) id = line.slice(4);
        if (line.startsWith("data: ")) data.push(line.slice(6));
      }
      return data.length === 0 ? [] : [{ id, data: data.join("\n") }];
    });
  }
}
