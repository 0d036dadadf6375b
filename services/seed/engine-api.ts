import http from "node:http";
import type { Readable } from "node:stream";
import { Problem } from "../kernel/problem.ts";

/**
 * The few calls of the engine's HTTP API that only the seed makes, and that the platform's port (kernel/engine) therefore lacks:
 * where it keeps its files, which networks it has, and making an image.
 */
export interface EngineApi {
  /** @throws Problem service_unavailable saying what to do. */
  info(): Promise<{ readonly version: string; readonly rootDir: string }>;
  /** Subnets of all its networks, as `a.b.c.d/bits`. */
  subnets(): Promise<string[]>;
  hasImage(name: string): Promise<boolean>;
  /** Makes an image of one layer from a tar of a root file system. */
  importImage(name: string, tar: Readable, changes: readonly string[]): Promise<void>;
  /** Gives an image its name; the draft's goes. */
  renameImage(draft: string, name: string): Promise<void>;
  /** One that is not there is fine. */
  removeImage(name: string): Promise<void>;
  /** Subnet of a network of this name; undefined when there is none. */
  subnetOf(network: string): Promise<string | undefined>;
  /**
   * Builds an image from a tar that holds a Dockerfile with the argument BASE. A base that the engine has is not pulled: it may be
   * nowhere else. `say` gets the output line by line.
   */
  buildImage(name: string, tar: Readable, base: string, say: (line: string) => void): Promise<void>;
}

type Network = { IPAM?: { Config?: { Subnet?: string }[] | null } };

const answerBytesMax = 16 * 1024 * 1024;
/** An image of a slow machine over a slow network; nothing else comes near it. */
const imageTimeoutMs = 30 * 60_000;

export function createEngineApi(socketPath: string): EngineApi {
  const call = (method: string, path: string, body?: Readable, onText?: (text: string) => void) =>
    request(socketPath, method, path, body, onText);
  return {
    async info() {
      const info = JSON.parse(await call("GET", "/info")) as { ServerVersion?: string; DockerRootDir?: string };
      return { version: info.ServerVersion ?? "unknown", rootDir: info.DockerRootDir ?? "/var/lib/docker" };
    },
    async subnets() {
      const networks = JSON.parse(await call("GET", "/networks")) as Network[];
      return networks.flatMap((network) => (network.IPAM?.Config ?? []).flatMap((range) => range.Subnet ?? []));
    },
    async hasImage(name) {
      try {
        await call("GET", `/images/${encodeURIComponent(name)}/json`);
        return true;
      } catch (error) {
        if (error instanceof Problem && error.id === "not_found") return false;
        throw error;
      }
    },
    async importImage(name, tar, changes) {
      const { repository, tag } = splitName(name);
      const query = new URLSearchParams({ fromSrc: "-", repo: repository, tag });
      for (const change of changes) query.append("changes", change);
      const failure = progressReader(() => {});
      await call("POST", `/images/create?${query}`, tar, failure.read);
      failure.throwIfFailed(`import ${name}`);
    },
    async renameImage(draft, name) {
      const { repository, tag } = splitName(name);
      await call("POST", `/images/${encodeURIComponent(draft)}/tag?${new URLSearchParams({ repo: repository, tag })}`);
      await this.removeImage(draft);
    },
    async removeImage(name) {
      try {
        await call("DELETE", `/images/${encodeURIComponent(name)}`);
      } catch (error) {
        if (!(error instanceof Problem && error.id === "not_found")) throw error;
      }
    },
    async subnetOf(network) {
      try {
        const found = JSON.parse(await call("GET", `/networks/${encodeURIComponent(network)}`)) as Network;
        return found.IPAM?.Config?.[0]?.Subnet ?? "";
      } catch (error) {
        if (error instanceof Problem && error.id === "not_found") return undefined;
        throw error;
      }
    },
    async buildImage(name, tar, base, say) {
      const query = new URLSearchParams({
        t: name,
        buildargs: JSON.stringify({ BASE: base }),
        rm: "1",
        forcerm: "1",
        pull: (await this.hasImage(base)) ? "0" : "1",
      });
      const failure = progressReader(say);
      await call("POST", `/build?${query}`, tar, failure.read);
      failure.throwIfFailed(`build ${name}`);
    },
  };
}

function splitName(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(":");
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

/** The engine answers 200 before it begins; whether it went well stands in the stream of JSON objects that follows. */
function progressReader(say: (line: string) => void) {
  let rest = "";
  let failed: string | undefined;
  return {
    read(text: string) {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(-65_536);
      for (const line of lines.filter((one) => one.trim() !== "")) {
        const message = JSON.parse(line) as { stream?: string; error?: string };
        if (message.error !== undefined) failed = message.error;
        for (const said of (message.stream ?? "").split("\n")) if (said.trim() !== "") say(said.trimEnd());
      }
    },
    throwIfFailed(what: string) {
      this.read("\n");
      if (failed !== undefined) throw new Error(`The engine could not ${what}: ${failed}`);
    },
  };
}

function request(
  socketPath: string,
  method: string,
  path: string,
  body: Readable | undefined,
  onText: ((text: string) => void) | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = http.request({
      socketPath,
      method,
      path,
      headers: body === undefined ? {} : { "content-type": "application/x-tar" },
      timeout: body === undefined ? 10_000 : imageTimeoutMs,
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("it did not answer in time")));
    outgoing.on("error", (error: NodeJS.ErrnoException) => reject(unreachable(socketPath, error)));
    outgoing.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (onText !== undefined && response.statusCode === 200) onText(chunk);
        else if (text.length + chunk.length <= answerBytesMax) text += chunk;
        else outgoing.destroy(new Error("its answer is too long"));
      });
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) return resolve(text);
        if (status === 404) return reject(new Problem("not_found", "The engine has no such thing"));
        reject(new Error(`The engine answered ${status} to ${method} ${path.split("?")[0]}: ${text.slice(0, 500)}`));
      });
    });
    if (body === undefined) outgoing.end();
    else {
      body.on("error", (error) => outgoing.destroy(error));
      body.pipe(outgoing);
    }
  });
}

/** @returns the problem in words: a missing right and a missing engine want different things done. */
function unreachable(socketPath: string, cause: NodeJS.ErrnoException): Problem {
  if (cause.code === "EACCES" || cause.code === "EPERM")
    return new Problem("forbidden", `This user may not use the container engine at ${socketPath}: run as root`, {
      cause,
    });
  return new Problem(
    "service_unavailable",
    `No container engine answers at ${socketPath}: start it, or let bin/quine up --yes install and start Debian's docker.io`,
    { cause },
  );
}
