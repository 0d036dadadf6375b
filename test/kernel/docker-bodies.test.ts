import { describe, expect, it } from "vitest";
import { dockerContainer } from "../../services/kernel/engine/docker-container.ts";
import { secondsUp, stateNamed } from "../../services/kernel/engine/docker-fact.ts";
import { dockerNetwork, networkDifference } from "../../services/kernel/engine/docker-network.ts";
import type { ContainerSpec } from "../../services/kernel/engine/port.ts";

const least: ContainerSpec = { name: "n", image: "i", command: ["c"], env: {}, labels: {}, network: { kind: "none" } };

describe("a container's body", () => {
  it("grants nothing the spec does not say", () => {
    const { HostConfig, Tty, OpenStdin, Entrypoint } = dockerContainer(least);
    expect({ Tty, OpenStdin, Entrypoint }).toEqual({ Tty: false, OpenStdin: false, Entrypoint: [] });
    expect(HostConfig).toMatchObject({
      NetworkMode: "none",
      Mounts: [],
      CapAdd: [],
      PortBindings: {},
      DeviceCgroupRules: [],
      RestartPolicy: { Name: "no" },
      LogConfig: { Type: "none" },
    });
    expect(HostConfig).not.toHaveProperty("Privileged");
  });

  it.each<[string, Partial<ContainerSpec>, object]>([
    ["no swap", { memoryBytes: 5 }, { Memory: 5, MemorySwap: 5 }],
    [
      "two log files",
      { outputBytesMax: 9 },
      { LogConfig: { Type: "json-file", Config: { "max-size": "5", "max-file": "2" } } },
    ],
    ["another's network", { network: { kind: "container", id: "x" } }, { NetworkMode: "container:x" }],
    ["the host's network", { network: { kind: "host" } }, { NetworkMode: "host" }],
    [
      "ports, two for one",
      {
        publish: [
          { hostAddress: "127.0.0.1", hostPort: 1, port: 80 },
          { hostAddress: "::1", hostPort: 2, port: 80 },
        ],
      },
      {
        PortBindings: {
          "80/tcp": [
            { HostIp: "127.0.0.1", HostPort: "1" },
            { HostIp: "::1", HostPort: "2" },
          ],
        },
      },
    ],
    [
      "propagation",
      { binds: [{ source: "/a", target: "/b", propagation: "rshared" }] },
      {
        Mounts: [
          { Type: "bind", Source: "/a", Target: "/b", ReadOnly: false, BindOptions: { Propagation: "rshared" } },
        ],
      },
    ],
  ])("says %s", (_, more, expected) => {
    expect(dockerContainer({ ...least, ...more }).HostConfig).toMatchObject(expected);
  });
});

describe("the engine's words", () => {
  it.each([
    ["created", "created"],
    ["running", "running"],
    ["paused", "running"],
    ["restarting", "exited"],
    ["removing", "exited"],
    ["exited", "exited"],
    ["dead", "exited"],
  ])("%s is %s", (word, state) => expect(stateNamed(word)).toBe(state));

  it.each([
    ["Up Less than a second", 0],
    ["Up 1 second", 1],
    ["Up 59 seconds", 59],
    ["Up About a minute", undefined],
    ["Up 5 seconds (Paused)", 5],
    ["Exited (0) 5 seconds ago", undefined],
  ])("%s: %s seconds", (status, seconds) => expect(secondsUp(status)).toBe(seconds));
});

describe("a network found", () => {
  const wanted = dockerNetwork({
    name: "n",
    bridge: "b",
    subnet: "10.1.0.0/16",
    pool: "10.1.128.0/17",
    gateway: "10.1.0.1",
    mtu: 1400,
    labels: { a: "b" },
  });

  it("is the one wanted, whatever else the engine says of it", () => {
    const found = { ...wanted, Id: "x", Scope: "local", Options: { ...wanted.Options, other: "1" }, Containers: {} };
    expect(networkDifference(wanted, found)).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["another driver", { Driver: "macvlan" }, "driver"],
    ["other addresses", { IPAM: { Config: [{ Subnet: "10.2.0.0/16", Gateway: "10.2.0.1" }] } }, "10.2.0.0"],
    ["no options", { Options: null }, "bridge.name"],
    [
      "open neighbours",
      { Options: { ...wanted.Options, "com.docker.network.bridge.enable_icc": "true" } },
      "enable_icc",
    ],
    ["no labels", { Labels: {} }, "its a is not set"],
  ])("differs: %s", (_, change, words) => {
    expect(networkDifference(wanted, { ...wanted, ...change })).toContain(words);
  });

  it("may be none", () => expect(networkDifference(wanted, undefined)).toBeDefined());
});
