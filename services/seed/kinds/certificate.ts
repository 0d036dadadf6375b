import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { addresses, type Platform } from "../../kernel/platform.ts";
import { runProgram } from "../../kernel/run-program.ts";
import { writeDurably } from "../../kernel/write-durably.ts";
import type { Certificate } from "../bootstrap.ts";
import { done, type Kind, missing } from "../runner.ts";
import type { World } from "../world.ts";
import { trustPaths } from "./trust.ts";

/** Less than this left, and the next start makes another. */
const renewDays = 30;

/** A certificate authority of the platform's own, which can speak for this platform's names only, and a server certificate by it. */
export const certificate: Kind<World, { readonly validDays: number }> = {
  async check({ platform }) {
    const problem = await whyUnfit(platform);
    return problem === undefined ? done(`trust ${certificatePaths(platform).authority}`) : missing(problem);
  },
  async act({ platform }, { validDays }) {
    const paths = certificatePaths(platform);
    const work = `${platform.dataDir}/tls.new`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { mode: 0o700 });
    await writeFile(`${work}/openssl.cnf`, opensslConfig(platform));
    const openssl = (...args: string[]) => runProgram("openssl", args);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    await openssl("req", "-x509", ...key, "-config", `${work}/openssl.cnf`, "-extensions", "authority", "-subj", `/CN=Quine ${platform.name} CA`,
      "-days", String(validDays), "-keyout", `${work}/ca.key`, "-out", `${work}/ca.pem`); // biome-ignore format: one call
    await openssl(
      "req",
      ...key,
      "-config",
      `${work}/openssl.cnf`,
      "-subj",
      "/CN=quine",
      "-keyout",
      `${work}/server.key`,
      "-out",
      `${work}/server.csr`,
    );
    await openssl("x509", "-req", "-in", `${work}/server.csr`, "-CA", `${work}/ca.pem`, "-CAkey", `${work}/ca.key`, "-CAcreateserial",
      "-extfile", `${work}/openssl.cnf`, "-extensions", "server", "-days", String(validDays), "-out", `${work}/server.pem`); // biome-ignore format: one call
    const authority = await readFile(`${work}/ca.pem`, "utf8");
    await rm(paths.folder, { recursive: true, force: true });
    await rename(work, paths.folder);
    // Readable by everybody: it is what people give their browsers and tools.
    await writeDurably(paths.authority, authority, 0o644);
    const { bundle, extraCa } = trustPaths(platform);
    await writeDurably(paths.clientBundle, `${await readFile(bundle, "utf8")}\n${authority}`, 0o644);
    await writeDurably(paths.clientExtra, `${await readFile(extraCa, "utf8")}${authority}`, 0o644);
  },
};

export function certificatePaths(platform: Platform) {
  const folder = `${platform.dataDir}/tls`;
  return {
    folder,
    key: `${folder}/server.key`,
    server: `${folder}/server.pem`,
    /** For people. */
    authority: `${platform.dataDir}/ca.pem`,
    /** The usual authorities and ours: for tools that take one file instead of the usual. */
    clientBundle: `${platform.dataDir}/ca-bundle.pem`,
    /** Ours and the machine's extra ones: for tools that add a file to the usual. */
    clientExtra: `${platform.dataDir}/ca-extra.pem`,
  } as const;
}

/** @returns the server's certificate with its key. */
export async function readCertificate(platform: Platform): Promise<Certificate> {
  const paths = certificatePaths(platform);
  return { certificate: await readFile(paths.server, "utf8"), key: await readFile(paths.key, "utf8") };
}

async function whyUnfit(platform: Platform): Promise<string | undefined> {
  const paths = certificatePaths(platform);
  const texts = await Promise.all(
    [paths.server, paths.key, paths.authority, paths.clientBundle, paths.clientExtra].map((path) =>
      readFile(path, "utf8"),
    ),
  ).catch(() => undefined);
  if (texts === undefined) return "not there";
  const [server = "", , authority = ""] = texts;
  const parsed = new X509Certificate(server);
  if (parsed.validToDate.getTime() < Date.now() + renewDays * 86_400_000) return "too old";
  if (!parsed.verify(new X509Certificate(authority).publicKey)) return "not by this authority";
  return parsed.checkHost(platform.domain) === undefined ? `not for ${platform.domain}` : undefined;
}

/** Whoever trusts the authority trusts it for these names alone: a stolen key makes no certificate of another site. */
export function opensslConfig(platform: Platform): string {
  const names = [...new Set([platform.domain, "localhost"])];
  const hosts = [
    ...new Set([
      "127.0.0.1",
      addresses.ingress(platform.subnetPrefix),
      ...(platform.bindAddress === "0.0.0.0" ? [] : [platform.bindAddress]),
    ]),
  ];
  const list = (items: readonly string[]) => items.join(",");
  return [
    "[req]",
    "distinguished_name=name",
    "[name]",
    "[authority]",
    "basicConstraints=critical,CA:TRUE,pathlen:0",
    "keyUsage=critical,keyCertSign,cRLSign",
    "subjectKeyIdentifier=hash",
    `nameConstraints=critical,${list([...names.map((name) => `permitted;DNS:${name}`), ...hosts.map((host) => `permitted;IP:${host}/255.255.255.255`)])}`,
    "[server]",
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth",
    "subjectKeyIdentifier=hash",
    "authorityKeyIdentifier=keyid",
    `subjectAltName=${list([...names.flatMap((name) => [`DNS:${name}`, `DNS:*.${name}`]), ...hosts.map((host) => `IP:${host}`)])}`,
    "",
  ].join("\n");
}
