import { expect, test } from "vitest";
import { parseCgiHead } from "../../services/git/http/backend.ts";
import { parseGitRequest, parseProtocol, parseToken } from "../../services/git/http/route.ts";
import { throughApi } from "../../services/git/platform/client.ts";

test.each([
  ["GET", "/app.git/info/refs?service=git-upload-pack", "app git-upload-pack advertise"],
  ["GET", "/a-1.git/info/refs?service=git-receive-pack", "a-1 git-receive-pack advertise"],
  ["POST", "/app.git/git-receive-pack", "app git-receive-pack exchange"],
  ["POST", "/app.git/git-upload-pack", "app git-upload-pack exchange"],
  ["GET", "/app.git/info/refs", undefined],
  ["GET", "/app.git/info/refs?service=git-upload-archive", undefined],
  ["GET", "/app.git/info/refs?service=git-upload-pack&x=1", undefined],
  ["POST", "/app.git/git-upload-pack?x", undefined],
  ["GET", "/app.git/HEAD", undefined],
  ["GET", "/app.git/objects/info/packs", undefined],
  ["GET", "/app/info/refs?service=git-upload-pack", undefined],
  ["HEAD", "/app.git/info/refs?service=git-upload-pack", undefined],
  ["GET", "/../app.git/info/refs?service=git-upload-pack", undefined],
  ["GET", "/x/../app.git/info/refs?service=git-upload-pack", undefined],
  ["POST", "/%61pp.git/git-upload-pack", undefined],
  ["POST", "/app.git/../other.git/git-upload-pack", undefined],
  ["POST", "//app.git/git-upload-pack", undefined],
  ["POST", "/App.git/git-upload-pack", undefined],
  ["POST", "/a.git/git-upload-pack", undefined],
  ["POST", "/1pp.git/git-upload-pack", undefined],
  ["POST", `/${"a".repeat(31)}.git/git-upload-pack`, undefined],
  ["POST", "/app.git/git-upload-pack\n", undefined],
])("%s %j is %s", (method, target, expected) => {
  const route = parseGitRequest(method, target);
  expect(route && `${route.appName} ${route.service} ${route.step}`).toBe(expected);
});

const basic = (pair: string) => `Basic ${Buffer.from(pair, "latin1").toString("base64")}`;
test.each([
  [basic("any:token"), "token"],
  [basic(":token"), "token"],
  [basic("a:b:c"), "b:c"],
  [basic("token"), undefined],
  [basic("any:"), undefined],
  [basic("any:to ken"), undefined],
  [basic("any:token\r\nX-Evil: 1"), undefined],
  [basic(`any:${"x".repeat(513)}`), undefined],
  ["Bearer token", undefined],
  ["Basic !!!", undefined],
  [undefined, undefined],
])("the token of %j is %j", (header, expected) => {
  expect(parseToken(header)).toBe(expected);
});

test("only a plain protocol header reaches git's environment", () => {
  expect(parseProtocol("version=2")).toBe("version=2");
  expect(parseProtocol("version=2;rm -rf")).toBeUndefined();
  expect(parseProtocol(["version=2", "version=1"])).toBeUndefined();
});

test.each([
  ["http://apps.example.com:8080/sources/1?s=2", "http://10.0.0.2:8080/sources/1?s=2"],
  ["https://user:pass@evil.example/x", "http://10.0.0.2:8080/x"],
  ["/apps/x?wait=60", "http://10.0.0.2:8080/apps/x?wait=60"],
  ["http://a//evil.example/x", "http://10.0.0.2:8080//evil.example/x"],
])("%s is asked of the API", (url, expected) => {
  expect(throughApi("http://10.0.0.2:8080", url).href).toBe(expected);
});

test("a CGI head is read once it is whole, and only harmless headers of it are passed on", () => {
  expect(parseCgiHead(Buffer.from("Status: 404 Not Found\r\nContent-Ty"))).toBeUndefined();
  const head = parseCgiHead(
    Buffer.from("Status: 403 Forbidden\r\nContent-Type: text/plain\r\nSet-Cookie: a=b\r\n\r\nbody"),
  );
  expect(head).toEqual({ status: 403, headers: { "content-type": "text/plain" }, rest: Buffer.from("body") });
});
