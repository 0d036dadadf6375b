import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../services/kernel/run-program.ts";
import type { Target } from "./target.ts";

/** The hello app in a folder of its own, to be changed and deployed. */
export interface Hello {
  readonly folder: string;
  /** One line of the server changes: what it answers contains the text. */
  changeLine(text: string): Promise<void>;
  /** Another version of the dependency, in package.json and the lock file. Asks the npm registry. */
  changeDependency(version: string): Promise<void>;
  remove(): Promise<void>;
}

/** Versions of the app's only dependency that were not in the cache of anybody in this run; each round uses up one. */
export const dependencyVersions = ["2.1.2", "2.1.1", "2.1.0", "2.0.0", "1.0.0", "0.7.2", "0.7.1"] as const;

export async function createHello(): Promise<Hello> {
  const folder = await mkdtemp(join(tmpdir(), "quine-bench-hello-"));
  await cp(fileURLToPath(new URL("../apps/node-hello", import.meta.url)), folder, { recursive: true });
  return {
    folder,
    changeLine: (text) => writeFile(join(folder, "server.js"), server(text)),
    async changeDependency(version) {
      await runProgram("npm", ["install", "--package-lock-only", "--save-exact", "--prefix", folder, `ms@${version}`]);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function server(text: string): string {
  return `import http from "node:http";
import ms from "ms";

const server = http.createServer((request, response) => {
  response.setHeader("content-type", "text/plain");
  response.end(\`Hello ${text}, up for \${ms(Math.round(process.uptime() * 1000))}\\n\`);
});
server.listen(Number(process.env.PORT ?? 5000));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;
}

/** An app of the platform that the folder is pushed to. */
export interface Deployed {
  readonly name: string;
  commit(message: string): Promise<void>;
  push(): Promise<void>;
  destroy(): Promise<void>;
}

export async function deployable(target: Target, name: string, folder: string): Promise<Deployed> {
  await target.api("DELETE", `/apps/${name}`).catch(() => {});
  await target.api("POST", "/apps", { name });
  const git = (...args: string[]) =>
    runProgram("git", ["-C", folder, "-c", "user.name=Bench", "-c", "user.email=bench@example.org", ...args], {
      timeoutMs: 600_000,
    });
  await git("init", "--quiet");
  const { domain, httpPort } = target.platform;
  const credentials = Buffer.from(`bench:${target.token}`).toString("base64");
  // In the repository's own settings: arguments of a command are for everybody to see, this one for a moment only.
  await git("config", "http.extraHeader", `Authorization: Basic ${credentials}`);
  await git("remote", "add", "heroku", `http://${domain}:${httpPort}/${name}.git`);
  return {
    name,
    async commit(message) {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "-m", message);
    },
    async push() {
      await git("push", "--quiet", "heroku", "HEAD:refs/heads/main");
    },
    async destroy() {
      await target.api("DELETE", `/apps/${name}`);
    },
  };
}
