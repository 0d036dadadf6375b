import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRequest } from "../../services/seed/arguments.ts";
import { readConfig } from "../../services/seed/config.ts";

describe("the command line", () => {
  test.each([
    [["up"], {}, { command: "up", sample: true, self: true, yes: false }],
    [["up", "--no-sample", "--no-self", "-y"], {}, { sample: false, self: false, yes: true }],
    [["up", "--ca", "/a.pem", "--ca=/b.pem"], {}, { caFiles: ["/a.pem", "/b.pem"] }],
    [["destroy", "--confirm", "quine"], {}, { confirm: "quine" }],
  ])("%j", (argv, variables, expected) => {
    expect(parseRequest(argv, variables)).toMatchObject(expected);
  });

  test("a flag wins over its variable", () => {
    const { wanted } = parseRequest(["up", "--port", "9000"], { port: "9001", tlsPort: "9002" });
    expect(wanted).toMatchObject({ httpPort: 9000, httpsPort: 9002 });
  });

  test.each([
    [[], /Unknown command ""/],
    [["upp"], /Unknown command "upp"/],
    [["up", "--prot", "1"], /--prot/],
    [["up", "extra"], /extra/],
    [["up", "--port"], /--port/],
    [["up", "--yes=1"], /--yes/],
    [["status", "--port", "1"], /quine status does not take --port/],
    [["up", "--confirm", "x"], /does not take --confirm/],
    [["up", "--port", "0"], /a port from 1 to 65535/],
    [["up", "--port", "65536"], /a port from 1 to 65535/],
    [["up", "--port", "8o80"], /a port from 1 to 65535/],
    [["up", "--name", "Quine"], /lower-case/],
    [["up", "--name", "x".repeat(13)], /2 to 12/],
    [["up", "--name=-x"], /lower-case/],
    [["up", "--data", "var/lib/quine"], /absolute path/],
    [["up", "--data", "/var/lib/../quine"], /absolute path/],
    [["up", "--data", "/var/lib/a:b"], /absolute path/],
    [["up", "--data", "/etc"], /two levels deep/],
    [["up", "--bind", "localhost"], /IPv4/],
    [["up", "--bind", "1.2.3.256"], /IPv4/],
    [["up", "--domain", "Example.org"], /lower case/],
    [["up", "--domain", "10.0.0.1"], /host name/],
    [["up", "--domain", "a..b"], /host name/],
    [["up", "--subnet", "8.8"], /private network/],
    [["up", "--subnet", "10.201.0"], /private network/],
    [["up", "--subnet", "172.32"], /private network/],
  ])("%j is refused", (argv, words) => {
    const parse = () => parseRequest(argv, {});
    expect(parse).toThrow(words);
    expect(parse).toThrow(expect.objectContaining({ id: "bad_request" }));
  });

  test("no value that gets through can leave its place in a command, a path or a rule", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("name", "data", "domain", "bind", "subnet"), (text, name) => {
        try {
          const { wanted } = parseRequest(["up"], { [name]: text });
          const values = Object.values(wanted).filter((value) => value !== undefined);
          return values.every((value) => /^[A-Za-z0-9./_-]*$/.test(String(value)) && !String(value).includes(".."));
        } catch {
          return true;
        }
      }),
    );
  });
});

describe("the environment", () => {
  test("an engine elsewhere is refused, a socket here is taken", () => {
    expect(() => readConfig({ DOCKER_HOST: "tcp://10.0.0.1:2375" })).toThrow(/on this machine/);
    expect(readConfig({ DOCKER_HOST: "unix:///run/user/1.sock" }).engineSocket).toBe("/run/user/1.sock");
    expect(readConfig({}).engineSocket).toBe("/var/run/docker.sock");
  });

  test("proxies are read in both spellings", () => {
    const { outside } = readConfig({ https_proxy: "http://a:1", HTTPS_PROXY: "http://b:1", NO_PROXY: "x" });
    expect(outside).toEqual({ HTTPS_PROXY: "http://a:1", NO_PROXY: "x" });
  });
});
