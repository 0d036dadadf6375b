import { once } from "node:events";
import net from "node:net";

/** Stands between a program and a server it speaks to, and shows what passes. */
export interface Tap {
  readonly port: number;
  /** Sees each piece before it is passed on. @returns false to swallow it. */
  see: (text: string, direction: "to server" | "to client") => boolean;
  stop(): Promise<void>;
}

export async function startTap(target: URL): Promise<Tap> {
  const sockets = new Set<net.Socket>();
  const tap: { see: Tap["see"] } = { see: () => true };
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const [from, to, direction] of [
      [client, upstream, "to server"],
      [upstream, client, "to client"],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk) => {
        if (tap.see(chunk.toString("latin1"), direction)) to.write(chunk);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(tap, {
    port: (server.address() as net.AddressInfo).port,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  });
}
