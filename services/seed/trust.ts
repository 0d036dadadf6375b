import { X509Certificate } from "node:crypto";
import { extraCaPath, type Trust } from "../kernel/dyno/dyno.ts";
import { Problem } from "../kernel/problem.ts";

/** Where the stack image keeps the certificates of its trust store, the extra ones among them. */
export const imageBundlePath = "/etc/ssl/certs/ca-certificates.crt";

/**
 * One PEM text of all certificates in the files: each parsed, so that nothing but certificates gets into images, each once, sorted.
 * @param files text by path. @throws Problem bad_request naming the file that holds none, or a broken one.
 */
export function joinCertificates(files: Readonly<Record<string, string>>): string {
  const all = new Set<string>();
  for (const [path, text] of Object.entries(files)) {
    const blocks = splitCertificates(text);
    if (blocks.length === 0) throw new Problem("bad_request", `${path} holds no PEM certificate`);
    for (const block of blocks) {
      try {
        all.add(new X509Certificate(block).toString().trim());
      } catch (cause) {
        throw new Problem("bad_request", `${path} holds a certificate that cannot be read`, { cause });
      }
    }
  }
  return [...all]
    .sort()
    .map((certificate) => `${certificate}\n`)
    .join("");
}

/** The PEM blocks of a text, one certificate each. */
export function splitCertificates(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g) ?? [];
}

/**
 * The settings of this machine that dynos get (docs/behind-a-proxy.md). Every dyno trusts what the machine trusts;
 * only build dynos are told of proxies and of the package registry.
 * @param outside HTTP_PROXY, HTTPS_PROXY, NO_PROXY, NPM_CONFIG_REGISTRY as far as they are set.
 * @param networks hosts and ranges that must not go through a proxy, such as the dyno network.
 */
export function trustSettings(
  extraCa: string,
  outside: Readonly<Record<string, string>>,
  networks: readonly string[],
): Trust {
  const authorities: Record<string, string> =
    extraCa === "" ? {} : { SSL_CERT_FILE: imageBundlePath, NODE_EXTRA_CA_CERTS: extraCaPath };
  const { NO_PROXY, NPM_CONFIG_REGISTRY, ...proxies } = outside;
  const build: Record<string, string> = {};
  for (const [name, value] of Object.entries(proxies)) {
    build[name] = value;
    build[name.toLowerCase()] = value;
  }
  if (Object.keys(proxies).length > 0) {
    const direct = [...new Set([...(NO_PROXY ?? "").split(",").filter((host) => host !== ""), ...networks])].join(",");
    build.NO_PROXY = direct;
    build.no_proxy = direct;
  }
  if (extraCa !== "") build.NPM_CONFIG_CAFILE = imageBundlePath;
  if (NPM_CONFIG_REGISTRY !== undefined) build.NPM_CONFIG_REGISTRY = NPM_CONFIG_REGISTRY;
  return { dyno: authorities, build, hasExtraCa: extraCa !== "" };
}
