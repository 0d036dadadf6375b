import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { defaultDevice } from "../../services/seed/kinds/network.ts";
import { takeLock } from "../../services/seed/lock.ts";
import { containingMount, parseMounts } from "../../services/seed/mounts.ts";
import { portHolder } from "../../services/seed/port-holder.ts";
import { scramVerifier } from "../../services/seed/scram.ts";
import { createTerminal, printable } from "../../services/seed/terminal.ts";

describe("mounts", () => {
  const table = [
    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
    "30 22 254:0 /d /var/lib/quine rw,relatime - ext4 /dev/vda rw",
    "31 30 7:0 / /var/lib/quine/a\\040b ro master:3 - squashfs /dev/loop0 ro",
    "32 22 254:0 /d /var/lib/quine rw,relatime shared:9 - ext4 /dev/vda rw",
    "",
  ].join("\n");
  test.each([
    ["/srv", "/", true],
    ["/var/lib/quine", "/var/lib/quine", true],
    ["/var/lib/quine/x", "/var/lib/quine", true],
    ["/var/lib/quine/a b/c", "/var/lib/quine/a b", false],
    ["/var/lib/quine2", "/", true],
  ])("%s lies in %s", (path, point, isShared) => {
    expect(containingMount(parseMounts(table), path)).toEqual({ point, isShared });
  });
});

test("the way out is the default route with the lowest metric", () => {
  const row = (device: string, destination: string, mask: string, metric: number) =>
    [device, destination, "0100A8C0", "0003", "0", "0", metric, mask, "0"].join("\t");
  expect(
    defaultDevice(
      [
        "Iface",
        row("docker0", "000011AC", "0000FFFF", 0),
        row("wlan0", "00000000", "00000000", 600),
        row("eth0", "00000000", "00000000", 100),
      ].join("\n"),
    ),
  ).toBe("eth0");
  expect(defaultDevice("Iface\n")).toBeUndefined();
});

test("who has a port is found", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  expect(await portHolder(address.port)).toContain(`(process ${process.pid})`);
  server.close();
  await once(server, "close");
  expect(await portHolder(address.port)).toBeUndefined();
});

test("one seed at a time, and the next one may", async () => {
  const name = `test-${process.pid}`;
  const release = await takeLock(name);
  await expect(takeLock(name)).rejects.toThrow(/at work on the platform/);
  (await takeLock(`${name}-other`))();
  release();
  (await takeLock(name))();
});

test("a password's verifier proves the password and does not hold it", () => {
  const salt = Buffer.from("0123456789abcdef");
  const [, iterations, salt64, stored, server] =
    /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(scramVerifier("secret", salt)) ?? [];
  const salted = pbkdf2Sync("secret", salt, Number(iterations), 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  expect(salt64).toBe(salt.toString("base64"));
  expect(stored).toBe(createHash("sha256").update(hmac("Client Key")).digest("base64"));
  expect(server).toBe(hmac("Server Key").toString("base64"));
  expect(scramVerifier("secret", salt)).not.toContain("secret");
});

describe("the terminal", () => {
  const record = (isTTY: boolean) => {
    let text = "";
    const stream = { isTTY, write: (part: string) => (text += part) };
    return { stream, text: () => text };
  };
  test("a file gets one line a step and no control characters", () => {
    const { stream, text } = record(false);
    const terminal = createTerminal(stream, { color: false, isInteractive: false });
    terminal.begin("network");
    terminal.say("one\n\u001b[2Jtwo\u0007");
    terminal.finish("done", "network", "10.201.0.0/16", 1234);
    terminal.finish("kept", "ingress", "", 5);
    expect(text()).toMatch(/^ {6}one\n {6}\[2Jtwo\n {2}✓ network +10\.201\.0\.0\/16 +1\.2 s\n {2}· ingress\n$/);
  });
  test("on a terminal what is pending is wiped by what follows", () => {
    const { stream, text } = record(true);
    const terminal = createTerminal(stream, { color: false, isInteractive: true });
    terminal.begin("network");
    terminal.line("next");
    expect(text()).toBe("  … network\r\u001b[Knext\n");
  });
  test("colours of builds are taken out whole", () => {
    expect(printable("\u001b[1;31mred\u001b[0m \u009bx")).toBe("red x");
  });
});
