import { describe, expect, test } from "vitest";
import { path } from "../../services/cli/api.ts";
import { withAdded, withRemoved, withSet } from "../../services/cli/buildpack-list.ts";
import { catalogue, commandNamed, typeableNames } from "../../services/cli/catalogue.ts";
import { parseAssignments } from "../../services/cli/config-vars.ts";
import { EventParser } from "../../services/cli/event-parser.ts";
import { Fields } from "../../services/cli/fields.ts";
import { previousRelease, releaseWord } from "../../services/cli/find-release.ts";
import { paintLogLine } from "../../services/cli/log-colours.ts";
import { createPaint } from "../../services/cli/paint.ts";
import { flagsOf, parse } from "../../services/cli/parse.ts";
import { appOfRemotes, appOfUrl, gitHosts } from "../../services/cli/remotes.ts";
import { parseScale } from "../../services/cli/scale-words.ts";
import { editDistance, nearest } from "../../services/cli/suggest.ts";
import { keyValues, table } from "../../services/cli/table.ts";
import { timeAgo } from "../../services/cli/times.ts";
import { UsageProblem } from "../../services/cli/usage-problem.ts";
import { waitedFor } from "../../services/cli/wait-state.ts";
import { shellLine } from "../../services/cli/wording.ts";
import { dyno } from "../worlds/api.ts";

describe("the catalogue", () => {
  test("has each name once, and a module with a run for each", async () => {
    const names = catalogue.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const command of catalogue) expect(typeof (await command.load()).run, command.name).toBe("function");
  });
  test("gives no short flag to two flags of one command", () => {
    for (const command of catalogue) {
      const shorts = Object.values(flagsOf(command)).flatMap(({ short }) => (short === undefined ? [] : [short]));
      expect(new Set(shorts).size, command.name).toBe(shorts.length);
    }
  });
});

describe("the command line", () => {
  test.each([
    ["create my-app -b URL", "apps:create", ["my-app"], { buildpack: "URL" }],
    ["logs -t -n 5 -a x", "logs", [], { tail: true, num: "5", app: "x" }],
    ["logs -tn5 --app=x", "logs", [], { tail: true, num: "5", app: "x" }],
    ["config:set A=-1 B= -a x", "config:set", ["A=-1", "B="], { app: "x" }],
    ["scale web=2 worker+1", "ps:scale", ["web=2", "worker+1"], {}],
    ["config:set -a x -- -K=1", "config:set", ["-K=1"], { app: "x" }],
    ["--version", "version", [], {}],
  ])("%s is %s", (line, name, words, flags) => {
    const parsed = parse(line.split(" "));
    if (parsed.kind !== "command") throw new Error("help");
    expect([parsed.command.name, parsed.words, { ...parsed.flags }]).toEqual([name, words, flags]);
  });
  test.each([
    ["", undefined],
    ["help", undefined],
    ["help config:set", "config:set"],
    ["ps --help", "ps"],
    ["ps:scale -h", "ps:scale"],
  ])("%j asks for help", (line, topic) => {
    expect(parse(line.split(" ").filter((word) => word !== ""))).toEqual({ kind: "help", topic });
  });
  test.each([
    ["conifg", "Did you mean config?"],
    ["ps:scael", "Did you mean ps:scale?"],
    ["frobnicate", "See them all with: quine help"],
    ["rename", "NEWNAME is missing.\nUsage: quine apps:rename NEWNAME [-a APP]"],
    ["whoami me", '"me" is one word too many.'],
    ["logs --tial", "Unknown option '--tial'. Did you mean --tail?"],
    ["logs -n", "argument missing"],
    ["logs --tail=yes", "does not take an argument"],
  ])("%j is refused: %s", (line, words) => {
    expect(() => parse(line.split(" "))).toThrow(UsageProblem);
    expect(() => parse(line.split(" "))).toThrow(words);
  });
  test("suggestions", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("ab", "ba")).toBe(1);
    expect(nearest("xyzzy", typeableNames())).toBeUndefined();
    expect(commandNamed("rollback")?.name).toBe("releases:rollback");
  });
});

describe("the app of a git remote", () => {
  const hosts = gitHosts("http://localhost:8080", undefined);
  test.each([
    ["http://localhost:8080/my-app.git", "my-app"],
    ["https://localhost:8443/my-app.git", "my-app"],
    ["https://git.localhost:8443/my-app.git", "my-app"],
    ["https://localhost.example.org/my-app.git", undefined],
    ["https://example.org/localhost/my-app.git", undefined],
    ["http://localhost:8080/my-app", undefined],
    ["http://localhost:8080/a/b.git", undefined],
    ["git@localhost:my-app.git", undefined],
    ["ssh://git@localhost/my-app.git", undefined],
  ])("%s: %s", (url, app) => {
    expect(appOfUrl(url, hosts)).toBe(app);
  });
  test("hosts follow the API's", () => {
    expect(gitHosts("https://api.paas.localhost", undefined)).toContain("git.paas.localhost");
    expect(gitHosts(undefined, "code.example.org:8443")).toEqual(["code.example.org"]);
    expect(gitHosts(undefined, undefined)).toEqual([]);
  });
  const remote = (name: string, app: string) => ({ name, url: `http://localhost:8080/${app}.git` });
  const elsewhere = { name: "origin", url: "https://example.org/x.git" };
  test("one app is the one; several need a choice", () => {
    expect(appOfRemotes([elsewhere, remote("heroku", "one")], hosts, undefined)).toBe("one");
    expect(appOfRemotes([remote("a", "one"), remote("b", "one")], hosts, undefined)).toBe("one");
    const two = [remote("staging", "one"), remote("production", "two")];
    expect(appOfRemotes(two, hosts, "production")).toBe("two");
    expect(() => appOfRemotes(two, hosts, undefined)).toThrow("one (staging), two (production)");
    expect(() => appOfRemotes(two, hosts, "origin")).toThrow("not one of the platform's");
    expect(() => appOfRemotes([elsewhere], hosts, undefined)).toThrow("Which app?");
  });
});

describe("words of single commands", () => {
  test("ps:scale", () => {
    expect(parseScale(["web=2", "my-worker+1", "a_b-1", "web=1:Standard-1X"])).toEqual([
      { type: "web", quantity: "2" },
      { type: "my-worker", quantity: "+1" },
      { type: "a_b", quantity: "-1" },
      { type: "web", quantity: "1", size: "Standard-1X" },
    ]);
    for (const bad of ["web", "web=", "=1", "web=two", "web=1:", "web=1.5"]) {
      expect(() => parseScale([bad]), bad).toThrow(UsageProblem);
    }
  });
  test("config:set, which never repeats a word that may be a secret", () => {
    expect(parseAssignments(["A=1", "B=", "C=x=y"])).toEqual({ A: "1", B: "", C: "x=y" });
    expect(() => parseAssignments(["sesame"])).toThrow(UsageProblem);
    expect(() => parseAssignments(["sesame"])).not.toThrow("sesame");
    expect(() => parseAssignments(["=sesame"])).not.toThrow("sesame");
  });
  test("buildpacks", () => {
    expect(withAdded(["a"], "b", undefined)).toEqual(["a", "b"]);
    expect(withAdded(["a"], "b", 1)).toEqual(["b", "a"]);
    expect(withSet(["a", "b"], "c", 2)).toEqual(["a", "c"]);
    expect(withSet([], "c", 1)).toEqual(["c"]);
    expect(withRemoved(["a", "b"], "a")).toEqual(["b"]);
    expect(withRemoved(["a", "b"], 2)).toEqual(["a"]);
    expect(() => withRemoved(["a"], "b")).toThrow(UsageProblem);
    expect(() => withAdded(["a"], "a", 1)).toThrow(UsageProblem);
  });
  test("releases", () => {
    expect(["v12", "12", "an-id"].map(releaseWord)).toEqual(["12", "12", "an-id"]);
    const release = (version: number, current: boolean, eligible: boolean) =>
      new Fields({ version, current, eligible_for_rollback: eligible }, "test");
    const newestFirst = [
      release(4, false, true),
      release(3, true, true),
      release(2, false, false),
      release(1, false, true),
    ];
    expect(previousRelease(newestFirst)?.number("version")).toBe(1);
    expect(previousRelease(newestFirst.slice(0, 3))).toBeUndefined();
  });
  test("ps:wait counts what has to be up", () => {
    const dynos = [
      dyno("web.1", "x", "up", 7),
      dyno("web.2", "x", "up", 6),
      dyno("worker.1", "x", "starting", 7),
      dyno("release.7", "x", "up", 6),
      dyno("run.1", "x", "up", 6),
    ].map((one) => new Fields(one, "test"));
    expect(waitedFor(dynos, 7, { type: undefined, isWithRun: false })).toEqual({ ready: 1, all: 3 });
    expect(waitedFor(dynos, 6, { type: "web", isWithRun: false })).toEqual({ ready: 2, all: 2 });
    expect(waitedFor(dynos, 7, { type: undefined, isWithRun: true })).toEqual({ ready: 1, all: 4 });
  });
});

describe("what is printed", () => {
  test("tables and pairs are aligned, and hold no control characters of others", () => {
    expect(
      table([
        ["a", "b"],
        ["long", "\u001b[2Jx"],
      ]),
    ).toEqual(["a     b", "long  \ufffd[2Jx"]);
    expect(
      keyValues(
        [
          ["A", "1"],
          ["Long", "2"],
          ["Gone", undefined],
        ],
        (key) => key,
      ),
    ).toEqual(["A:    1", "Long: 2"]);
  });
  test("times", () => {
    const now = new Date("2026-01-02T03:04:05Z");
    const agos = [0, 59, 60, 3_599, 3_600, 90_000].map(
      (seconds) => /\(~ (.+) ago\)/.exec(timeAgo(new Date(now.getTime() - seconds * 1_000).toISOString(), now))?.[1],
    );
    expect(agos).toEqual(["0s", "59s", "1m", "59m", "1h", "1d"]);
  });
  test("lines for a shell", () => {
    expect(shellLine("A", "plain/1.0")).toBe("A=plain/1.0");
    expect(shellLine("A", "it's $x")).toBe(`A='it'\\''s $x'`);
    expect(shellLine("A", "")).toBe("A=''");
  });
  test("a log line is coloured by its process, and whole without colours", () => {
    const line = "2026-01-02T03:04:05.123456+00:00 app[web.1]: hello app[x]: y";
    expect(paintLogLine(line, createPaint(false))).toBe(line);
    const painted = paintLogLine(line, createPaint(true));
    expect(painted.replaceAll("\u001b", "^")).toMatch(/^\^\[\d\dm2026\S+ app\[web\.1\]:\^\[39m hello app\[x\]: y$/);
    expect(paintLogLine(line.replace("hello", "other"), createPaint(true)).slice(0, 20)).toBe(painted.slice(0, 20));
  });
  test("paths hold whatever a name is", () => {
    expect(path`/apps/${"a/../b?c"}/dynos/${1}`).toBe("/apps/a%2F..%2Fb%3Fc/dynos/1");
  });
});

test("events come out whole, wherever the stream was cut", () => {
  const stream = ": hi\n\nretry: 1\nid: 7\ndata: one\n\ndata: two\ndata: more\n\n";
  const expected = [
    { id: "7", data: "one" },
    { id: undefined, data: "two\nmore" },
  ];
  for (let cut = 0; cut <= stream.length; cut++) {
    const parser = new EventParser();
    expect([...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))]).toEqual(expected);
  }
});
