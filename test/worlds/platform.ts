import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { fileURLToPath } from "node:url";

/** A whole platform for the system stories, with a name, a data folder and ports of its own: it never meets another one on the machine. */
export const testPlatform = {
  name: process.env.QUINE_TEST_NAME ?? "qtest",
  dataDir: process.env.QUINE_TEST_DATA ?? "/var/lib/quine-test",
  httpPort: Number(process.env.QUINE_TEST_PORT ?? 18080),
  httpsPort: Number(process.env.QUINE_TEST_TLS_PORT ?? 18443),
} as const;

export const repository = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. @param options.input is its whole standard input. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ended> {
  const child = spawn(program, [...args], {
    cwd: options.cwd ?? repository,
    env: { ...process.env, ...platformEnvironment(), ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const [status] = (await once(child, "close")) as [number | null];
  return { status: status ?? 128, stdout, stderr };
}

/** The same, for what must succeed. @throws Error with all its output. */
export async function done(
  program: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<string> {
  const ended = await run(program, args, options);
  if (ended.status !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with ${ended.status}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** `bin/quine …` against the test platform. */
export const quine = (...args: string[]): Promise<Ended> => run(`${repository}/bin/quine`, args);

export function platformEnvironment(): Record<string, string> {
  return {
    QUINE_NAME: testPlatform.name,
    QUINE_DATA: testPlatform.dataDir,
    QUINE_PORT: String(testPlatform.httpPort),
    QUINE_TLS_PORT: String(testPlatform.httpsPort),
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
}

/** The owner's token, as the seed left it for the `quine` command. */
export async function ownerToken(): Promise<string> {
  return (JSON.parse(await readFile(`${testPlatform.dataDir}/cli.json`, "utf8")) as { token: string }).token;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** One request to the platform's front door, on a connection of its own. */
export function ask(
  host: string,
  path = "/",
  options: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: "127.0.0.1",
        port: testPlatform.httpPort,
        path,
        agent: false,
        method: options.method ?? "GET",
        headers: { ...options.headers, host: `${host}:${testPlatform.httpPort}` },
      },
      async (response) => {
        let body = "";
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      },
    );
    request.on("error", reject);
    request.end(options.body);
  });
}

/** One call of the Platform API as the owner. */
export async function api<T = unknown>(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; value: T }> {
  const answer = await ask("api.localhost", path, {
    method,
    headers: {
      accept: "application/vnd.heroku+json; version=3",
      authorization: `Bearer ${await ownerToken()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, value: (answer.body === "" ? undefined : JSON.parse(answer.body)) as T };
}

/** Runs SQL in the platform's database as its superuser, for what a story arranges and no API offers. */
export async function superuser(sql: string): Promise<string> {
  const filter = ["--filter", `label=quine.platform=${testPlatform.name}`, "--filter", "label=quine.app=postgres"];
  const container = (await done("docker", ["ps", "-q", ...filter])).trim();
  const script =
    '. /app/.profile.d/000_apt.sh; PGPASSWORD="$POSTGRES_PASSWORD" exec psql -h 127.0.0.1 -U postgres -d quine -Atc "$1"';
  return done("docker", ["exec", container, "bash", "-c", script, "psql", sql]);
}

/**
 * Asks again until the answer is as wanted. Not a sleep: it awaits a state of the world that has no event of its own,
 * and says what it saw last when it gives up.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  isSo: (seen: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  let seen: T | undefined;
  let problem: unknown;
  while (Date.now() < deadline) {
    try {
      seen = await look();
      problem = undefined;
      if (isSo(seen)) return seen;
    } catch (error) {
      problem = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    `Waited ${withinMs / 1000} s for ${what}; last seen: ${problem === undefined ? JSON.stringify(seen) : String(problem)}`,
  );
}
