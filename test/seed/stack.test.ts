import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aptOptions, debianSources } from "../../services/seed/apt-sources.ts";
import { stack, stackImageName } from "../../services/seed/stack.ts";
import { dockerfile } from "../../services/seed/stack-build.ts";
import { joinCertificates, trustSettings } from "../../services/seed/trust.ts";

describe("apt sources", () => {
  const modern = [
    "# comment",
    "Types: deb deb-src",
    "URIs: http://mirror.test/debian",
    "Suites: bookworm bookworm-updates bookworm-backports",
    "Components: main",
    " contrib",
    "",
    "Types: deb",
    "URIs: http://mirror.test/security",
    "Suites: bookworm-security",
    "Components: main",
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg",
    "",
    "Types: deb",
    "Enabled: no",
    "URIs: http://off.test/debian",
    "Suites: bookworm",
    "Components: main",
  ].join("\n");

  test("Debian's entries of both formats, and nobody else's", () => {
    const files = {
      "/etc/apt/sources.list.d/debian.sources": modern,
      "/etc/apt/sources.list":
        "deb [arch=amd64] http://old.test/debian bookworm main non-free # x\n#deb http://no.test/ bookworm main",
      "/etc/apt/sources.list.d/node.list": "deb https://packages.test/node nodistro main",
      "/etc/apt/sources.list.d/off.list.disabled": "deb http://no.test/debian bookworm main",
    };
    expect(debianSources(files, "bookworm")).toEqual([
      "deb http://mirror.test/debian bookworm main",
      "deb http://mirror.test/debian bookworm-updates main",
      "deb http://mirror.test/security bookworm-security main",
      "deb http://old.test/debian bookworm main",
    ]);
  });

  test.each([
    ["another release", "deb http://mirror.test/debian trixie main"],
    ["only updates", "deb http://mirror.test/debian bookworm-updates main"],
    ["a disc", "deb cdrom:[Debian]/ bookworm main"],
  ])("a host with %s gives none", (_, text) => {
    expect(debianSources({ "/etc/apt/sources.list": text }, "bookworm")).toEqual([]);
  });

  test("of apt's settings only what decides whether it gets anything", () => {
    const dump = [
      'APT::Architecture "amd64";',
      'Acquire::http::Proxy "http://p:1";',
      'Acquire::https::Verify-Peer "false";',
      'Acquire::Check-Date "false";',
      'Acquire::http::Proxy "";',
      'DPkg::Post-Invoke:: "rm -rf /";',
    ];
    expect(aptOptions(dump.join("\n"))).toEqual(['Acquire::http::Proxy "http://p:1";', 'Acquire::Check-Date "false";']);
  });
});

describe("the stack image", () => {
  test("its name changes with the certificates in it", () => {
    expect(stackImageName("")).toMatch(/^quine\/debian-12:[0-9a-f]{12}$/);
    expect(stackImageName("")).not.toBe(stackImageName("x"));
  });

  test("both ways of making it install the same packages and end the same way", () => {
    const text = dockerfile();
    for (const name of stack.packages) expect(text).toContain(` ${name}`);
    expect(text).toContain("sh /root/finish");
    expect(new Set(stack.packages).size).toBe(stack.packages.length);
  });
});

describe("trust", () => {
  let folder: string;
  let certificate: string;
  beforeAll(() => {
    folder = mkdtempSync(`${tmpdir()}/quine-test-`);
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=Test",
        "-keyout",
        `${folder}/key`,
        "-out",
        `${folder}/crt`,
      ],
      { stdio: "ignore" },
    );
    certificate = readFileSync(`${folder}/crt`, "utf8");
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("certificates are taken once each, without what stands around them", () => {
    const joined = joinCertificates({
      "/a": `comment\n${certificate}${certificate}`,
      "/b": `${certificate}\n-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----`,
    });
    expect(joined.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(joined).not.toContain("PRIVATE");
    expect(joined).not.toContain("comment");
  });

  test("a file that holds none is refused by its name", () => {
    expect(() => joinCertificates({ "/a.crt": "hello" })).toThrow("/a.crt holds no PEM certificate");
    expect(() =>
      joinCertificates({ "/b.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
    ).toThrow(/\/b\.crt .* cannot be read/);
  });

  test("dynos get authorities, builds get the way out as well", () => {
    const { dyno, build, hasExtraCa } = trustSettings(
      certificate,
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "a,b", NPM_CONFIG_REGISTRY: "https://npm.test/" },
      ["10.201.0.0/16"],
    );
    expect(hasExtraCa).toBe(true);
    expect(Object.keys(dyno).sort()).toEqual(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]);
    expect(build).toMatchObject({
      HTTPS_PROXY: "http://p:1",
      https_proxy: "http://p:1",
      no_proxy: "a,b,10.201.0.0/16",
      NPM_CONFIG_REGISTRY: "https://npm.test/",
    });
    expect(build).toHaveProperty("NPM_CONFIG_CAFILE");
  });

  test("a machine with a plain way out adds nothing", () => {
    expect(trustSettings("", {}, ["10.0.0.0/8"])).toEqual({ dyno: {}, build: {}, hasExtraCa: false });
  });
});
