import { applyCommands, headOf, noObject, type RefCommand, type Refs } from "../repository/refs.ts";

/** What a push is to do, all of it or nothing. */
export type PushPlan =
  | { readonly kind: "refuse"; readonly because: string }
  | {
      readonly kind: "take";
      /** The branch and commit to build, or undefined: then the refs are only stored. */
      readonly deploy: { readonly branch: string; readonly commit: string } | undefined;
      /** Lines for the pusher before anything else. */
      readonly notes: readonly string[];
    };

export interface PushLimits {
  readonly refsMax: number;
}

const deploying = new Set(["refs/heads/main", "refs/heads/master"]);
const refNameMax = 250;

/** Reads the input of a pre-receive hook. @returns undefined when a line is not `<before> <after> <ref>`. */
export function parseCommands(input: string): RefCommand[] | undefined {
  const commands: RefCommand[] = [];
  for (const line of input.split("\n")) {
    if (line === "") continue;
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\s]+)$/.exec(line) ?? [];
    if (before === undefined || after === undefined || ref === undefined) return undefined;
    commands.push({ ref, before, after });
  }
  return commands;
}

/** Decides a whole push against the refs as they are stored. The rules are read from top to bottom; the first that holds refuses it. */
export function planPush(commands: readonly RefCommand[], stored: Refs, limits: PushLimits): PushPlan {
  const refs = applyCommands(stored, commands);
  const head = headOf(stored);
  const rules: readonly [name: string, because: string | undefined][] = [
    ["nothing", commands.length === 0 ? "The push changes nothing" : undefined],
    [
      "namespace",
      sentenceAbout(
        commands.find(({ ref }) => !/^refs\/(heads|tags)\/./.test(ref)),
        (ref) => `Only branches and tags can be pushed, not ${ref}`,
      ),
    ],
    [
      "name length",
      sentenceAbout(
        commands.find(({ ref }) => Buffer.byteLength(ref) > refNameMax),
        (ref) => `A ref name has at most ${refNameMax} bytes: ${ref.slice(0, 40)}… is longer`,
      ),
    ],
    [
      "stale",
      sentenceAbout(
        commands.find(({ ref, before }) => (stored[ref] ?? noObject) !== before),
        (ref) => `${short(ref)} has moved since you fetched it: fetch, then push again`,
      ),
    ],
    [
      "delete",
      sentenceAbout(
        commands.find(({ ref, after }) => ref === head && after === noObject),
        (ref) => `${short(ref)} cannot be deleted: it is the branch that is deployed`,
      ),
    ],
    [
      "count",
      Object.keys(refs).length > limits.refsMax
        ? `A repository has at most ${limits.refsMax} branches and tags: delete some, or push fewer`
        : undefined,
    ],
    ["nesting", nested(refs)],
    [
      "two",
      commands.filter(({ ref, after }) => deploying.has(ref) && after !== noObject).length > 1
        ? "main and master both deploy: push one of them"
        : undefined,
    ],
  ];
  const because = rules.find(([, reason]) => reason !== undefined)?.[1];
  if (because !== undefined) return { kind: "refuse", because };

  const deploy = commands.find(({ ref, after }) => deploying.has(ref) && after !== noObject);
  const otherBranch = commands.some(({ ref, after }) => ref.startsWith("refs/heads/") && after !== noObject);
  return {
    kind: "take",
    deploy: deploy === undefined ? undefined : { branch: short(deploy.ref), commit: deploy.after },
    notes: deploy === undefined && otherBranch ? ["Pushed to non-main branch, skipping build."] : [],
  };
}

/** Git keeps refs as files: `a` and `a/b` cannot both be, and git would say so only after the build. */
function nested(refs: Refs): string | undefined {
  for (const name of Object.keys(refs)) {
    for (let end = name.lastIndexOf("/"); end > "refs/heads".length; end = name.lastIndexOf("/", end - 1)) {
      const parent = name.slice(0, end);
      if (refs[parent] !== undefined) return `${short(name)} cannot be beside ${short(parent)}: delete one of them`;
    }
  }
  return undefined;
}

function sentenceAbout(command: RefCommand | undefined, sentence: (ref: string) => string): string | undefined {
  return command === undefined ? undefined : sentence(command.ref);
}

function short(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, "");
}
