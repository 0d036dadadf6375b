import { code, importsOf, type Law, serviceOf, typeScript } from "./repository.ts";

/** Which file may import a package: a path, or a folder that ends with a slash. What is not named here only tests may import. */
const adapters: Readonly<Record<string, readonly string[]>> = {
  dockerode: ["services/kernel/engine/docker.ts"],
  pg: ["services/kernel/postgres.ts"],
  express: ["services/api/"],
  zod: ["services/api/"],
  yaml: ["services/compiler/release-file.ts"],
};

/** Words that make a decision depend on more than its arguments. */
const impurities = [
  /\bawait\b/,
  /\basync\b/,
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bMath\.random\b/,
  /\brandom\w*\(/,
  /\bprocess\./,
  /\bperformance\./,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bfetch\(/,
];

/** Files that reach out of the process: a plan takes their facts as arguments. */
const reaching =
  /^services\/kernel\/(postgres|registry|run-program|log|engine\/docker)\.ts$|\/(apply|config|main)\.ts$/;

export const layers: readonly Law[] = [
  {
    law: "a service imports itself and the kernel, no other service",
    why: "services talk over the network, as they do when one of them is replaced while the others run",
    broken: (repository) =>
      typeScript(repository, "services/").flatMap(([path, text]) =>
        importsOf(path, text)
          .filter((target) => {
            if (target.startsWith("node:") || !/^[a-z.]+\//.test(target) || target.startsWith("@")) return false;
            const service = serviceOf(target);
            return serviceOf(path) === "kernel"
              ? service !== "kernel"
              : service !== serviceOf(path) && service !== "kernel";
          })
          .map((target) => `${path} imports ${target}`),
      ),
    example: { "services/api/main.ts": 'import { x } from "../router/x.ts";' },
  },
  {
    law: "the kernel imports no service",
    why: "it is what all of them share; what only one of them needs belongs to that one",
    broken: (repository) =>
      typeScript(repository, "services/kernel/").flatMap(([path, text]) =>
        importsOf(path, text)
          .filter((target) => serviceOf(target) !== undefined && serviceOf(target) !== "kernel")
          .map((target) => `${path} imports ${target}`),
      ),
    example: { "services/kernel/slug.ts": 'export { y } from "../api/y.ts";' },
  },
  {
    law: "a package is imported where its adapter is, and nowhere else",
    why: "what a dependency is like, and its replacement one day, stay in one place",
    broken: (repository) =>
      typeScript(repository, "services/").flatMap(([path, text]) =>
        importsOf(path, text)
          .filter(
            (target) => !target.startsWith("node:") && !target.startsWith("services/") && !target.startsWith("bin/"),
          )
          .filter(
            (target) =>
              !(adapters[target] ?? []).some(
                (place) => path === place || (place.endsWith("/") && path.startsWith(place)),
              ),
          )
          .map((target) => `${path} imports ${target}`),
      ),
    example: { "services/api/apps/read.ts": 'import pg from "pg";' },
  },
  {
    law: "a plan reads no clock, dice, environment or world, and waits for nothing",
    why: "the same facts give the same decision, so that a table can test it and a log line can explain it",
    broken: (repository) =>
      typeScript(repository, "services/")
        .filter(([path]) => /(^|[/-])plan(-[a-z-]+)?\.ts$/.test(path))
        .flatMap(([path, text]) => [
          ...impurities.flatMap((word) => {
            const found = word.exec(code(text))?.[0];
            return found === undefined ? [] : [`${path} says ${found}`];
          }),
          ...importsOf(path, text)
            .filter((target) => target.startsWith("node:") || reaching.test(target))
            .map((target) => `${path} imports ${target}`),
        ]),
    example: { "services/runtime/plan.ts": "const now = Date.now();" },
  },
  {
    law: "only main.ts hands the environment over, and only config.ts reads it",
    why: "every setting of a service stands in one place, and a missing one ends the start with its name",
    broken: (repository) =>
      typeScript(repository, "services/")
        .filter(([path]) => !/\/(config|main)\.ts$/.test(path))
        .filter(([, text]) => /\bprocess\.env\b/.test(code(text)))
        .map(([path]) => `${path} reads process.env`),
    example: { "services/api/server.ts": "const port = process.env.PORT;" },
  },
  {
    law: "main.ts picks no variable out of the environment",
    why: "it gives process.env to config.ts whole: the names of the settings stand there",
    broken: (repository) =>
      typeScript(repository, "services/")
        .filter(([path, text]) => path.endsWith("/main.ts") && /\bprocess\.env[.[?]/.test(code(text)))
        .map(([path]) => `${path} picks a variable`),
    example: { "services/api/main.ts": "listen(process.env.PORT);" },
  },
];
