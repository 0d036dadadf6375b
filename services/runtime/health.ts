import net from "node:net";

/**
 * Resolves true when something accepts connections at the address, false when the signal aborts first.
 * The first tries come quickly, since a dyno's start is measured by them; later ones leave the machine in peace.
 */
export async function portBound(address: string, port: number, signal: AbortSignal): Promise<boolean> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    if (await accepts({ host: address, port })) return true;
    await pause(tries < 100 ? 5 : tries < 200 ? 50 : 250, signal);
  }
  return false;
}

/** The same for a unix socket: how a runtime says that it stands by. */
export async function socketBound(path: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await accepts({ path })) return true;
    await pause(50, signal);
  }
  return false;
}

function accepts(target: net.NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ ...target, timeout: 2_000 });
    const done = (bound: boolean) => {
      socket.destroy();
      resolve(bound);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
    socket.once("timeout", () => done(false));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
