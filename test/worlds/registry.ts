import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's docker-registry on a free loopback port, with its blobs in a temporary folder. */
export interface RegistryWorld {
  readonly url: string;
  /** Its storage: `docker/registry/v2/…` below. */
  readonly folder: string;
  stop(): Promise<void>;
}

const unpacked = process.env.QUINE_TEST_PROGRAMS ?? "/var/cache/quine/test-programs";

/** Needs Debian's package `docker-registry` (`npm test` brings it); ends with the process that started it. */
export async function startRegistry(): Promise<RegistryWorld> {
  const folder = await mkdtemp(join(tmpdir(), "registry-"));
  const settings = join(folder, "config.json");
  await writeFile(
    settings,
    JSON.stringify({
      version: "0.1",
      log: { level: "info", formatter: "json", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: folder }, maintenance: { uploadpurging: { enabled: false } } },
      http: { addr: "127.0.0.1:0" },
    }),
  );
  const server = spawn("setpriv", ["--pdeathsig", "KILL", "docker-registry", "serve", settings], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: `/usr/bin:/bin:${unpacked}/usr/bin`, OTEL_TRACES_EXPORTER: "none" },
  });
  const port = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stderr.on("data", (chunk) => {
      if (said.length < 65_536) said += chunk;
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    server.once("error", reject);
    server.once("exit", (status) => reject(new Error(`docker-registry ended with ${status}: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    folder,
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill("SIGKILL");
        await once(server, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
