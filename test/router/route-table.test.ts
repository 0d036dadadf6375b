import { expect, test } from "vitest";
import { buildRouteTable, findRoute } from "../../services/router/route-table.ts";
import { app, platform } from "./world.ts";

const rows = [
  app("hello", []),
  app("shop", [], { hostnames: ["shop.example", "*.shop.example", "API.localhost", "hello.localhost", "localhost"] }),
  app("other", [], { hostnames: ["www.shop.example", "shop.example"] }),
  ...["api", "git", "logs", "router", "runtime", "postgres", "registry", "compiler"].map((name) =>
    app(name, [], { isSystem: true, hostnames: [`${name}.example`] }),
  ),
];
const table = buildRouteTable(rows, platform);

test.each([
  ["hello.localhost", "/", "hello"],
  ["HELLO.localhost:8080", "/", "hello"],
  ["hello.localhost.", "/", "hello"],
  ["hello.localhost", "/_logs/x", "hello"],
  ["hello.localhost", "/x.git/info/refs", "hello"],
  ["shop.example", "/", "shop"],
  ["www.shop.example", "/", "other"],
  ["a.b.shop.example", "/", "shop"],
  ["localhost", "/apps", "api"],
  ["localhost:8080", "/", "api"],
  ["localhost", "/hello.git/info/refs?service=git-upload-pack", "git"],
  ["localhost", "/hello.git", "git"],
  ["localhost", "/hello.gitx", "api"],
  ["localhost", "/a/hello.git", "api"],
  ["localhost", "/_logs/intake", "logs"],
  ["api.localhost", "/hello.git", "api"],
  ["api.localhost", "/_logs/sessions/1", "logs"],
  ["git.localhost", "/hello.git/info/refs", "git"],
  ["logs.localhost", "/x", "logs"],
  ["10.201.0.2:8080", "/_build/1", "api"],
  ["10.201.0.2:8080", "/_logs/intake", "logs"],
  ["postgres.localhost", "/", undefined],
  ["registry.localhost", "/v2/", undefined],
  ["runtime.localhost", "/", undefined],
  ["router.localhost", "/", undefined],
  ["compiler.localhost", "/", undefined],
  ["registry.example", "/", undefined],
  ["nothing.localhost", "/", undefined],
  ["example", "/", undefined],
  ["", "/", undefined],
  ["[::1]:8080", "/", undefined],
])("%s%s → %s", (host, target, name) => {
  expect(findRoute(table, host, target)?.name).toBe(name);
});
