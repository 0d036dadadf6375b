import { once } from "node:events";
import net from "node:net";

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A client that sends exactly these bytes and reads answers one after the other, as strict as need be. */
export class Client implements Disposable {
  readonly socket: net.Socket;
  received = "";
  isEnded = false;
  /** It ended with a reset. */
  isBroken = false;
  readonly #watchers = new Set<() => void>();

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (bytes) => {
      this.received += bytes.toString("latin1");
      this.#changed();
    });
    socket.on("error", () => {
      this.isBroken = true;
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.isEnded = true;
        this.#changed();
      });
    }
  }

  static async connect(port: number): Promise<Client> {
    const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    return new Client(socket);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look();
  }

  /** Resolves when the condition holds for what was received; rejects when the connection ends first. */
  async until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (holds()) return;
      if (this.isEnded) throw new Error(`The connection ended after ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve);
      });
      this.#watchers.clear();
    }
  }

  async ended(): Promise<string> {
    await this.until(() => this.isEnded);
    return this.received;
  }

  /** The next answer. @param isHead it answers a HEAD request */
  async answer(isHead = false): Promise<Answer> {
    await this.until(() => this.received.includes("\r\n\r\n"));
    const headEnd = this.received.indexOf("\r\n\r\n");
    const head = this.received.slice(0, headEnd);
    const status = Number(head.slice(9, 12));
    const start = headEnd + 4;
    const finish = (end: number, body: string) => {
      this.received = this.received.slice(end);
      return { status, head, body };
    };
    if (isHead || status < 200 || status === 204 || status === 304) return finish(start, "");
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) {
      await this.until(() => this.received.length >= start + Number(length));
      return finish(start + Number(length), this.received.slice(start, start + Number(length)));
    }
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      await this.until(() => this.received.includes("0\r\n\r\n", start));
      const end = this.received.indexOf("0\r\n\r\n", start) + 5;
      return finish(end, this.received.slice(start, end));
    }
    await this.until(() => this.isEnded);
    if (this.isBroken) throw new Error("The connection was reset in the middle of an answer");
    return finish(this.received.length, this.received.slice(start));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** The head of a request as a client writes it. */
export function get(path: string, host = "hello.localhost", ...lines: string[]): string {
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...lines, "", ""].join("\r\n");
}
