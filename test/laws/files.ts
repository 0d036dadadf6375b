import { posix } from "node:path";
import { systemApps } from "../../services/kernel/system-apps.ts";
import { code, type Law, type Repository, serviceNames, serviceOf, typeScript } from "./repository.ts";

const linesMax = 250;
const architectureLinesMax = 199;
/** Put together here, so that this file does not break its own law. */
const registryHosts = [
  ["registry", "npmjs", "org"],
  ["registry-1", "docker", "io"],
  ["deb", "debian", "org"],
].map((host) => host.join("."));
const unfinished = new RegExp(
  `\\b(${["TO", "FIX"].map((word) => `${word}${word === "TO" ? "DO" : "ME"}`).join("|")})\\b`,
);

function procfile(repository: Repository): string[] {
  return (repository.get("Procfile") ?? "").split("\n").flatMap((line) => /^([\w-]+):/.exec(line)?.[1] ?? []);
}

function hasTypeScript(repository: Repository, name: string): boolean {
  return typeScript(repository, `services/${name}/`).length > 0;
}

/** Every match in the texts, told with the file's line. */
function found(files: Iterable<[string, string]>, pattern: RegExp, what = ""): string[] {
  return [...files].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => {
      const match = pattern.exec(line)?.[0];
      return match === undefined ? [] : [`${path}:${index + 1} ${what || `has ${match.trim()}`}`];
    }),
  );
}

/** A line after a linter's exception has given its reason there. */
function withoutExceptions(text: string): string {
  return text.replace(/(\/\/ biome-ignore [^\n]*: \S[^\n]*\n)[^\n]*/g, "$1");
}

export const files: readonly Law[] = [
  {
    law: "every folder of services says in a README what it is",
    why: "whoever changes it starts there",
    broken: (repository) =>
      serviceNames(repository)
        .filter(
          (name) =>
            name !== "kernel" && hasTypeScript(repository, name) && !repository.has(`services/${name}/README.md`),
        )
        .map((name) => `services/${name} has no README.md`),
    example: { "services/api/main.ts": "" },
  },
  {
    law: "every service that runs has a main.ts",
    why: "one file starts it, makes it ready and stops it",
    broken: (repository) =>
      serviceNames(repository)
        .filter(
          (name) => name !== "kernel" && hasTypeScript(repository, name) && !repository.has(`services/${name}/main.ts`),
        )
        .map((name) => `services/${name} has no main.ts`),
    example: { "services/api/server.ts": "" },
  },
  {
    law: "the Procfile has one line for each system app, and no other",
    why: "the platform's one slug starts each of its parts by that line",
    broken: (repository) => {
      const types = procfile(repository);
      const names = systemApps.map((app) => app.name);
      return [
        ...names.filter((name) => !types.includes(name)).map((name) => `Procfile has no line ${name}`),
        ...types
          .filter((type) => !names.includes(type))
          .map((type) => `Procfile starts ${type}, which is no system app`),
      ];
    },
    example: { Procfile: "api: node services/api/main.ts\n" },
  },
  {
    law: "the table of services in docs/architecture.md is the folder services",
    why: "a page that says what there is must not say what there was",
    broken: (repository) => {
      const table = (repository.get("docs/architecture.md") ?? "").matchAll(/^\| `([a-z]+)` \|/gm);
      const listed = [...new Set([...table].map((row) => row[1] ?? ""))].filter((name) => !/[A-Z_]/.test(name));
      const there = serviceNames(repository).filter((name) => name !== "kernel");
      return [
        ...there.filter((name) => !listed.includes(name)).map((name) => `docs/architecture.md does not list ${name}`),
        ...listed
          .filter((name) => !there.includes(name))
          .map((name) => `docs/architecture.md lists ${name}, which is not there`),
      ];
    },
    example: { "docs/architecture.md": "| `ghost` | nobody |\n", "services/api/main.ts": "" },
  },
  {
    law: `docs/architecture.md is at most ${architectureLinesMax} lines`,
    why: "it is read whole, or not at all",
    broken: (repository) => {
      const lines = (repository.get("docs/architecture.md") ?? "").split("\n").length - 1;
      return lines <= architectureLinesMax ? [] : [`docs/architecture.md has ${lines} lines`];
    },
    example: { "docs/architecture.md": "\n".repeat(architectureLinesMax + 1) },
  },
  {
    law: "links in the documents lead to files that are there",
    why: "a dead end costs every reader the same minutes",
    broken: (repository) => {
      const folders = new Set([...repository.keys()].flatMap((path) => parents(path)));
      return [...repository]
        .filter(([path]) => path.endsWith(".md"))
        .flatMap(([path, text]) =>
          [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
            .map((link) => link[1] ?? "")
            .filter((target) => !/^[a-z]+:/.test(target))
            .map((target) => posix.join(posix.dirname(path), target).replace(/\/$/, ""))
            .filter((target) => !repository.has(target) && !folders.has(target))
            .map((target) => `${path} links to ${target}, which is not there`),
        );
    },
    example: { "README.md": "[here](docs/nowhere.md)" },
  },
  {
    law: `a file over ${linesMax} lines says in its first line why`,
    why: "one idea a file; the exception is a choice somebody made",
    broken: (repository) =>
      typeScript(repository)
        .filter(([, text]) => text.split("\n").length - 1 > linesMax && !text.startsWith("// Long because "))
        .map(([path, text]) => `${path} has ${text.split("\n").length - 1} lines`),
    example: { "services/api/server.ts": "\n".repeat(linesMax + 1) },
  },
  {
    law: "no file is a drawer",
    why: "a name that fits anything tells nobody what is in it",
    broken: (repository) =>
      [...repository.keys()]
        .filter((path) => /(^|\/)(utils?|helpers?|common|misc|types|interfaces|manager)(\.ts|\/)/.test(path))
        .map((path) => `${path} is named for no idea`),
    example: { "services/api/utils.ts": "" },
  },
  {
    law: "nothing is left for later in a comment",
    why: "what is open is an issue, where somebody looks",
    broken: (repository) => found(repository, unfinished),
    example: { "services/api/main.ts": `// ${"TO"}${"DO"}: stop` },
  },
  {
    law: "no `any` without a reason, no `enum`, and nothing silences the compiler",
    why: "the type that was not thought of is where the wrong state is",
    broken: (repository) =>
      typeScript(repository).flatMap(([path, text]) => [
        ...found([[path, code(withoutExceptions(text))]], /(:|\bas|<|\|)\s*any\b|^\s*(export )?(const )?enum\b/),
        ...found([[path, text]], /^\s*\/\/ @ts-(ignore|expect-error|nocheck)/),
      ]),
    example: { "services/api/main.ts": "const x = y as any;" },
  },
  {
    law: "the hosts of package registries are not written down",
    why: "which one is used is the machine's setting, and many a machine has its own",
    broken: (repository) =>
      [...repository].flatMap(([path, text]) =>
        registryHosts.filter((host) => text.includes(host)).map((host) => `${path} names ${host}`),
      ),
    example: { "services/seed/stack.ts": `const mirror = "http://${["deb", "debian", "org"].join(".")}/debian";` },
  },
  {
    law: "every test file expects something",
    why: "a test that cannot fail holds nothing",
    broken: (repository) =>
      typeScript(repository, "test/")
        .filter(([path, text]) => path.endsWith(".test.ts") && !/\b(expect|assert)\b/.test(code(text)))
        .map(([path]) => `${path} expects nothing`),
    example: { "test/api/x.test.ts": 'it("runs", () => {});' },
  },
  {
    law: "no test is skipped or run alone",
    why: "what does not run on everybody's machine does not hold",
    broken: (repository) =>
      typeScript(repository, "test/")
        .filter(([path]) => path.endsWith(".test.ts"))
        .flatMap(([path, text]) => found([[path, code(text)]], /\b(it|test|describe)\.(only|skip|todo)\b/)),
    example: { "test/api/x.test.ts": "it.only(x, () => expect(1).toBe(1));" },
  },
  {
    law: "tests of a service stand in the folder of its name",
    why: "what holds a service is found without searching",
    broken: (repository) =>
      typeScript(repository, "services/")
        .filter(([path]) => path.endsWith(".test.ts"))
        .map(([path]) => `${path} belongs to test/${serviceOf(path)}`),
    example: { "services/api/x.test.ts": "" },
  },
];

function parents(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
