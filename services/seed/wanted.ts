import { isAbsolute, normalize } from "node:path";
import { Problem } from "../kernel/problem.ts";
import type { Wanted } from "./settle.ts";

type Texts = Readonly<Record<"name" | "data" | "port" | "tlsPort" | "bind" | "domain" | "subnet", string | undefined>>;

/** Parses what was said about a platform, strictly: these values become names of containers, mounts and firewall rules. @throws Problem bad_request. */
export function parseWanted(texts: Texts): Wanted {
  return {
    name: given(texts.name, platformName),
    dataDir: given(texts.data, dataFolder),
    httpPort: given(texts.port, (text) => port(text, "--port")),
    httpsPort: given(texts.tlsPort, (text) => port(text, "--tls-port")),
    bindAddress: given(texts.bind, bindAddress),
    domain: given(texts.domain, domainName),
    subnetPrefix: given(texts.subnet, subnetPrefix),
  };
}

function given<T>(text: string | undefined, parse: (text: string) => T): T | undefined {
  return text === undefined || text === "" ? undefined : parse(text);
}

function refuse(what: string, text: string, rule: string): never {
  throw new Problem("bad_request", `${what} cannot be ${JSON.stringify(text)}: ${rule}`);
}

/** At most 12 characters: the network's bridge is called `qn-<name>`, and the kernel takes 15. */
function platformName(text: string): string {
  if (!/^[a-z](?:[a-z0-9-]{0,10}[a-z0-9])?$/.test(text))
    refuse("--name", text, "2 to 12 lower-case letters, digits and dashes, the first a letter, the last no dash");
  return text;
}

/** No character that means something in mount options, and deep enough that it is nobody else's folder. */
function dataFolder(text: string): string {
  if (!isAbsolute(text) || normalize(text) !== text || text.endsWith("/") || !/^[A-Za-z0-9._/-]+$/.test(text))
    refuse(
      "--data",
      text,
      "an absolute path of letters, digits, dots, dashes and underscores, without .. and a slash at the end",
    );
  if (text.split("/").length < 3) refuse("--data", text, "a folder at least two levels deep, such as /var/lib/quine");
  return text;
}

function port(text: string, flag: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 65_535) refuse(flag, text, "a port from 1 to 65535");
  return number;
}

function bindAddress(text: string): string {
  const bytes = text.split(".");
  if (bytes.length !== 4 || bytes.some((byte) => !isByte(byte)))
    refuse("--bind", text, "an IPv4 address of this machine, or 0.0.0.0");
  return text;
}

function domainName(text: string): string {
  const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
  if (text.length > 180 || !new RegExp(`^${label}(?:\\.${label})*$`).test(text) || /^[\d.]+$/.test(text))
    refuse("--domain", text, "a host name in lower case, such as apps.example.org");
  return text;
}

function subnetPrefix(text: string): string {
  const [first = "", second = "", ...more] = text.split(".");
  const a = Number(first);
  const b = Number(second);
  const isPrivate =
    isByte(first) && isByte(second) && (a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168));
  if (!isPrivate || more.length > 0)
    refuse("--subnet", text, 'the first two bytes of a private network, such as "10.201"');
  return text;
}

function isByte(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}
