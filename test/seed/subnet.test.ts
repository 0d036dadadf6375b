import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseSubnetPrefix, parseRoutes } from "../../services/seed/subnet.ts";

test.each([
  [[], "10.201"],
  [["172.17.0.0/16"], "10.201"],
  [["10.201.0.0/16"], "10.202"],
  [["10.201.7.0/24", "10.202.1.1"], "10.203"],
  [["10.200.0.0/14"], "10.204"],
  [["0.0.0.0/0", "nonsense", "999.1.1.1/8"], "10.201"],
  [["10.128.0.0/9"], "10.0"],
])("beside %j the network is %s", (taken, prefix) => {
  expect(chooseSubnetPrefix("quine", taken)).toBe(prefix);
});

test("a full machine is said to be full", () => {
  expect(() => chooseSubnetPrefix("quine", ["10.0.0.0/8"])).toThrow(/--subnet/);
});

test("what is chosen was not taken", () => {
  const second = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.uniqueArray(second, { maxLength: 255 }), fc.string(), (taken, name) => {
      const chosen = chooseSubnetPrefix(
        name,
        taken.map((byte) => `10.${byte}.3.0/24`),
      );
      return !taken.some((byte) => chosen === `10.${byte}`);
    }),
  );
});

test("routes are read as the kernel writes them", () => {
  const table = [
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
    "eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
    "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
    "",
  ].join("\n");
  expect(parseRoutes(table)).toEqual(["0.0.0.0/0", "172.17.0.0/16"]);
});
