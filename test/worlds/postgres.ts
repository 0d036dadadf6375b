import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDatabase, migrate } from "../../services/kernel/postgres.ts";

export type Role = "api" | "runtime" | "router" | "git";
const roles: readonly Role[] = ["api", "runtime", "router", "git"];

/** A database of the platform's schema, empty of rows. */
export interface MigratedDatabase {
  /** As the superuser: for what a test arranges and looks up. */
  readonly url: string;
  /** As a service's own role, with that role's grants and no more. */
  as(role: Role): string;
}

/** A real PostgreSQL server of a test's own, on a free loopback port, with its data in a temporary folder. */
export interface PostgresWorld {
  /** The superuser's URL of the database `postgres`. */
  readonly url: string;
  /** A new database each time (a copy of one that was migrated once: some 50 ms). */
  migratedDatabase(): Promise<MigratedDatabase>;
  /** Ends the server at once and removes its data; calling it again does nothing. */
  stop(): Promise<void>;
}

/** Takes about a second. Needs Debian's `postgresql-15` (or newer); runs it as `nobody` where the test runs as root, since it refuses root. */
export async function startPostgres(): Promise<PostgresWorld> {
  const binaries = await newestServer();
  const folder = await mkdtemp(join(tmpdir(), "pg-"));
  if (process.getuid?.() === 0) await chown(folder, nobody, nobody);
  const data = join(folder, "data");
  await run(asServer(join(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"));

  const port = await freePort();
  const settings = { port, listen_addresses: "127.0.0.1", unix_socket_directories: folder, fsync: "off" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(...asServer(join(binaries, "postgres"), "-D", data, ...flags), {
    stdio: ["ignore", "ignore", "pipe"],
    cwd: folder,
    env,
  });
  await readyLine(server);

  const urlOf = (role: string, database: string) => `postgres://${role}@127.0.0.1:${port}/${database}`;
  let template: Promise<string> | undefined;
  return {
    url: urlOf("postgres", "postgres"),
    async migratedDatabase() {
      template ??= makeTemplate(urlOf);
      const name = `test_${randomBytes(6).toString("hex")}`;
      await execute(urlOf("postgres", "postgres"), `create database ${name} template ${await template}`);
      return { url: urlOf("postgres", name), as: (role) => urlOf(role, name) };
    },
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGQUIT");
        await once(server, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const nobody = 65534;
const unpacked = process.env.QUINE_TEST_PROGRAMS ?? "/var/cache/quine/test-programs";
/** Libraries of an unpacked server lie beside it; a machine's own server finds none there. */
const env = { PATH: "/usr/bin:/bin", LD_LIBRARY_PATH: `${unpacked}/usr/lib/x86_64-linux-gnu` };

/** The machine's own, else the one that `npm test` has unpacked. */
async function newestServer(): Promise<string> {
  for (const folder of ["/usr/lib/postgresql", `${unpacked}/usr/lib/postgresql`]) {
    const versions = await readdir(folder).catch(() => [] as string[]);
    const newest = versions.map(Number).sort((a, b) => b - a)[0];
    if (newest !== undefined) return `${folder}/${newest}/bin`;
  }
  throw new Error('Cannot start PostgreSQL: run "npm test", which brings it, or apt-get install postgresql-15');
}

/** The server ends with the process that started it, even when that one is killed. */
function asServer(...command: string[]): [string, string[]] {
  const user = process.getuid?.() === 0 ? ["--reuid", String(nobody), "--regid", String(nobody), "--clear-groups"] : [];
  return ["setpriv", [...user, "--pdeathsig", "QUIT", ...command]];
}

async function run([program, commandArguments]: [string, string[]]): Promise<void> {
  const child = spawn(program, commandArguments, { stdio: ["ignore", "ignore", "pipe"], cwd: "/", env });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const [status] = await once(child, "close");
  if (status !== 0) throw new Error(`initdb ended with ${status}: ${complaint}`);
}

async function readyLine(server: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (chunk) => {
      if (said.length < 65_536) said += chunk;
      if (said.includes("ready to accept connections")) resolve();
    });
    server.once("exit", (status) => reject(new Error(`postgres ended with ${status}: ${said}`)));
  });
}

/** Free at the moment of asking: the server cannot be told to choose one itself. */
async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function makeTemplate(urlOf: (role: string, database: string) => string): Promise<string> {
  const admin = urlOf("postgres", "postgres");
  for (const role of roles) await execute(admin, `create role ${role} login`);
  await execute(admin, "create database platform_template");
  const database = connectDatabase(urlOf("postgres", "platform_template"), { connectionsMax: 1 });
  await migrate(database);
  await database.close();
  return "platform_template";
}

async function execute(url: string, sql: string): Promise<void> {
  const database = connectDatabase(url, { connectionsMax: 1 });
  try {
    await database.query(sql);
  } finally {
    await database.close();
  }
}
