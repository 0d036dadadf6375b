import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommands, planPush } from "../../services/git/push/plan.ts";
import { changedLines, report } from "../../services/git/push/rollout.ts";
import { createTerminal, printable } from "../../services/git/push/terminal.ts";
import {
  applyCommands,
  commandsApply,
  commandsAreDone,
  headOf,
  noObject,
  refChanges,
} from "../../services/git/repository/refs.ts";

const [a, b] = ["a".repeat(40), "b".repeat(40)];
const limits = { refsMax: 3 };

test.each([
  ["a first main", {}, [["refs/heads/main", noObject, a]], "deploy main"],
  ["a first master", {}, [["refs/heads/master", noObject, a]], "deploy master"],
  ["a forced main", { "refs/heads/main": a }, [["refs/heads/main", a, b]], "deploy main"],
  [
    "main and a tag",
    {},
    [
      ["refs/heads/main", noObject, a],
      ["refs/tags/v1", noObject, a],
    ],
    "deploy main",
  ],
  ["a branch", {}, [["refs/heads/topic", noObject, a]], "Pushed to non-main branch, skipping build."],
  ["a branch called like main", {}, [["refs/heads/x/main", noObject, a]], "Pushed to non-main branch, skipping build."],
  ["a tag", {}, [["refs/tags/main", noObject, a]], "store"],
  ["a deleted branch", { "refs/heads/topic": a }, [["refs/heads/topic", a, noObject]], "store"],
  [
    "master deleted beside main",
    { "refs/heads/main": a, "refs/heads/master": a },
    [["refs/heads/master", a, noObject]],
    "store",
  ],
  ["main deleted", { "refs/heads/main": a }, [["refs/heads/main", a, noObject]], "refuse: main cannot be deleted"],
  [
    "master deleted alone",
    { "refs/heads/master": a },
    [["refs/heads/master", a, noObject]],
    "refuse: master cannot be deleted",
  ],
  ["a stale main", { "refs/heads/main": b }, [["refs/heads/main", a, b]], "refuse: main has moved"],
  [
    "a main that is there already",
    { "refs/heads/main": b },
    [["refs/heads/main", noObject, a]],
    "refuse: main has moved",
  ],
  [
    "both",
    {},
    [
      ["refs/heads/main", noObject, a],
      ["refs/heads/master", noObject, a],
    ],
    "refuse: main and master both",
  ],
  ["notes", {}, [["refs/notes/commits", noObject, a]], "refuse: Only branches and tags"],
  ["the bare namespace", {}, [["refs/heads/", noObject, a]], "refuse: Only branches and tags"],
  [
    "a branch below a branch",
    { "refs/heads/x": a },
    [["refs/heads/x/y", noObject, a]],
    "refuse: x/y cannot be beside x",
  ],
  [
    "a branch above a branch",
    { "refs/heads/x/y/z": a },
    [["refs/heads/x", noObject, a]],
    "refuse: x/y/z cannot be beside x",
  ],
  ["a long name", {}, [[`refs/heads/${"x".repeat(250)}`, noObject, a]], "refuse: A ref name has at most"],
  [
    "too many",
    { "refs/tags/1": a, "refs/tags/2": a, "refs/tags/3": a },
    [["refs/tags/4", noObject, a]],
    "refuse: A repository has at most 3",
  ],
  ["nothing", {}, [], "refuse: The push changes nothing"],
] as [string, Record<string, string>, [string, string, string][], string][])("%s", (_name, stored, lines, expected) => {
  const plan = planPush(
    lines.map(([ref, before, after]) => ({ ref, before, after })),
    stored,
    limits,
  );
  const said =
    plan.kind === "refuse"
      ? `refuse: ${plan.because}`
      : plan.deploy !== undefined
        ? `deploy ${plan.deploy.branch}`
        : (plan.notes[0] ?? "store");
  expect(said).toContain(expected);
});

test("a hook's input is read strictly", () => {
  expect(parseCommands(`${a} ${b} refs/heads/main\n`)).toEqual([{ ref: "refs/heads/main", before: a, after: b }]);
  for (const line of [
    `${a} ${b} HEAD`,
    `${a} refs/heads/x`,
    `${a} ${b} refs/heads/x y`,
    `${"g".repeat(40)} ${b} refs/x`,
  ])
    expect(parseCommands(line)).toBeUndefined();
});

const refs = fc.dictionary(
  fc.constantFrom("refs/heads/main", "refs/heads/a", "refs/tags/b", "refs/heads/c"),
  fc.constantFrom(a, b),
);
test("a taken push leads from what was stored to what was wanted, and a refused or repeated one does not apply", () => {
  fc.assert(
    fc.property(refs, refs, (stored, wanted) => {
      const names = [...new Set([...Object.keys(stored), ...Object.keys(wanted)])];
      const commands = names
        .map((ref) => ({ ref, before: stored[ref] ?? noObject, after: wanted[ref] ?? noObject }))
        .filter(({ before, after }) => before !== after);
      expect(applyCommands(stored, commands)).toEqual(wanted);
      expect(commandsApply(stored, commands)).toBe(true);
      expect(commandsAreDone(wanted, commands)).toBe(true);
      if (commands.length > 0) expect(commandsApply(wanted, commands)).toBe(false);
      expect(refChanges(stored, wanted) === "").toBe(commands.length === 0);
    }),
  );
});

test("HEAD is main unless only master exists", () => {
  expect(headOf({})).toBe("refs/heads/main");
  expect(headOf({ "refs/heads/master": a })).toBe("refs/heads/master");
  expect(headOf({ "refs/heads/master": a, "refs/heads/main": a })).toBe("refs/heads/main");
});

test.each([
  ["\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"],
  ["a\x1b[2Jb\x1b[1;1Hc", "abc"],
  ["title \x1b]0;owned\x07here", "title here"],
  ["link \x1b]8;;http://x\x1b\\y", "link y"],
  ["answer \x1b[6n\x1b[c", "answer "],
  ["bell\x07 nul\0 back\b carriage\rreturn c1\x9b31m tab\t", "bell nul back carriagereturn c131m tab\t"],
  ["grüße ✓", "grüße ✓"],
])("%j reaches a terminal as %j", (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test("nothing printable holds a control character but colours, tabs and line ends", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("\x1b", "[", "]", "3", "m", "H", ";", "\x07", "\\", "a", "\x9b", "\r") }),
      (text) => {
        const left = printable(text).replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
        expect(left).not.toMatch(/[^\P{Cc}\t\n]/u);
      },
    ),
  );
});

test("foreign output comes whole in any pieces, and what is too much is counted", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 5 }), (lines, size) => {
      const text = Buffer.from(lines.map((line) => `${printable(line.replaceAll(/[\n\t]/g, ""))}\n`).join(""));
      let said = "";
      const terminal = createTerminal((part) => {
        said += part;
      }, 1_000_000);
      for (let index = 0; index < text.length; index += size) terminal.foreign(text.subarray(index, index + size));
      terminal.flush();
      expect(said).toBe(text.toString());
    }),
  );
  let said = "";
  const terminal = createTerminal((part) => {
    said += part;
  }, 10);
  terminal.foreign(Buffer.from("12345\n67890\nmore"));
  terminal.flush();
  expect(said).toBe("12345\n !     11 bytes of output were left out: more than 10 were printed\n");
});

test("lines of a promotion are printed once, those of an app not at all, the reason of a crash always", () => {
  expect(changedLines(["one"], ["one", "two"])).toEqual(["two"]);
  expect(changedLines(["logs waits", "git waits"], ["logs is up", "git waits"])).toEqual(["logs is up"]);
  expect(report("quine", "pending", ["logs is up"])).toEqual(["       logs is up"]);
  expect(report("quine", "up", ["all are"])).toEqual(["       all are", "Verifying deploy... done."]);
  expect(report("hello", "pending", ["Starting: web 0/1"])).toEqual([]);
  expect(report("hello", "up", ["Up: web"])).toEqual(["Verifying deploy... done."]);
  expect(report("hello", "crashed", ["web.1 exited"])).toEqual([
    " !     Warning: the release stands, but it does not come up.",
    " !     web.1 exited",
  ]);
  expect(report("quine", "crashed", ["Undoing: api"])).toEqual([
    " !     Every part runs what it ran before; push a commit that mends it.",
    " !     Undoing: api",
  ]);
});
