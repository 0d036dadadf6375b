import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Layer } from "../../services/kernel/slug.ts";

export const checkout = fileURLToPath(new URL("../../", import.meta.url));
export const appFolder = (name: string) => join(checkout, "test", "apps", name);

export interface Slug {
  readonly layers: readonly Layer[];
  readonly processTypes: Readonly<Record<string, string>>;
  readonly buildpack: string;
  readonly notes: readonly string[];
}

export interface CompileRun {
  readonly status: number;
  readonly text: string;
  /** Where the layers' files are; removed by `dispose`. */
  readonly output: string;
  readonly slug: Slug | undefined;
  dispose(): void;
}

/** The stack image to test with: QUINE_STACK_IMAGE, else any that is there. */
export function stackImage(): string {
  const named = process.env.QUINE_STACK_IMAGE;
  if (named !== undefined && named !== "") return named;
  const found = execFileSync("docker", ["images", "--format", "{{.Repository}}:{{.Tag}}", "quine/debian-12"], {
    encoding: "utf8",
  });
  const [first] = found.trim().split("\n");
  if (first === undefined || first === "")
    throw new Error("There is no stack image: run `bin/quine up` once, or name one in QUINE_STACK_IMAGE");
  return first;
}

/**
 * Compiles as stage 0 does: a container of the stack image, an unprivileged user, a read-only root, and this checkout.
 * @param options.said is called with all that was printed so far, to act in the middle of a build.
 */
export async function compileInContainer(
  source: string,
  options: {
    tmpMegabytes?: number;
    pidsMax?: number;
    /** Config vars. */
    env?: Readonly<Record<string, string>>;
    docker?: readonly string[];
    /** A shell's words before the compiler, such as `umask 077;`. */
    before?: string;
    said?: (text: string, container: string) => void;
  } = {},
): Promise<CompileRun> {
  const container = `quine-test-compiler-${randomBytes(4).toString("hex")}`;
  const output = mkdtempSync(join(tmpdir(), "quine-slug-"));
  chmodSync(output, 0o777);
  const envFolder = mkdtempSync(join(tmpdir(), "quine-env-"));
  chmodSync(envFolder, 0o755);
  for (const [name, value] of Object.entries(options.env ?? {})) writeFileSync(join(envFolder, name), value);
  const command = `${options.before ?? ""} exec /quine/node_modules/.bin/node /quine/services/compiler/main.ts --source /source --output /output --npm /npm --env-dir /env`;
  const words = [
    ...["run", "--rm", "--init", "--name", container, "--user", "1000:1000", "--read-only", "--cap-drop", "ALL"],
    ...["--security-opt", "no-new-privileges", "--memory", "2g", "--pids-limit", String(options.pidsMax ?? 512)],
    ...["--tmpfs", `/tmp:exec,size=${options.tmpMegabytes ?? 3000}m`, "--tmpfs", "/app:exec,uid=1000"],
    ...[
      "--volume",
      `${checkout}:/quine:ro`,
      "--volume",
      `${source}:/source:ro`,
      "--volume",
      `${output}:/output`,
      "--volume",
      `${envFolder}:/env:ro`,
    ],
    ...["--volume", `${npmFolder()}:/npm:ro`, ...trust(), ...(options.docker ?? [])],
    ...[stackImage(), "bash", "-c", command],
  ];
  const child = spawn("docker", words, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const take = (bytes: Buffer) => {
    text += bytes.toString("utf8");
    options.said?.(text, container);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const status = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  rmSync(envFolder, { recursive: true });
  const manifest = join(output, "slug.json");
  return {
    status,
    text,
    output,
    slug: existsSync(manifest) ? (JSON.parse(readFileSync(manifest, "utf8")) as Slug) : undefined,
    dispose: () => rmSync(output, { recursive: true, force: true }),
  };
}

/** Runs a shell command in a slug as a dyno does: unpacked at /app, after `.profile.d`. @returns what it printed. */
export function runInSlug(run: CompileRun, command: string): string {
  const script = `set -e; for layer in ${(run.slug?.layers ?? []).map(({ digest }) => digest.slice(7)).join(" ")}; do
    unsquashfs -quiet -no-progress -force -dest /app /output/$layer.sqfs > /dev/null; done
    cd /app; for file in .profile.d/*.sh; do . $file; done; exec 2>&1; ${command}`;
  const words = [
    "run",
    "--rm",
    "--init",
    "--user",
    "1000:1000",
    "--read-only",
    "--env",
    "HOME=/app",
    "--tmpfs",
    "/tmp:exec",
  ];
  const folders = ["--tmpfs", "/app:exec,uid=1000", "--volume", `${run.output}:/output:ro`];
  return execFileSync("docker", [...words, ...folders, stackImage(), "bash", "-c", script], { encoding: "utf8" });
}

/** The host's npm, whole in one folder as Node's distributions have it. */
function npmFolder(): string {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const npm = join(folder, "npm");
    if (existsSync(npm) && realpathSync(npm).endsWith("/bin/npm-cli.js")) return dirname(dirname(realpathSync(npm)));
  }
  throw new Error("There is no npm on PATH");
}

/** How this machine reaches the world: certificates and proxies of the test's own environment (docs/behind-a-proxy.md). */
function trust(): string[] {
  const bundle = process.env.SSL_CERT_FILE ?? process.env.NODE_EXTRA_CA_CERTS;
  const files =
    bundle === undefined
      ? []
      : [
          ...["--volume", `${realpathSync(bundle)}:/ca-bundle.crt:ro`],
          ...["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_CAFILE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"].flatMap(
            (name) => ["--env", `${name}=/ca-bundle.crt`],
          ),
        ];
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "NPM_CONFIG_REGISTRY"].filter(
    (name) => process.env[name] !== undefined,
  );
  return [...files, ...proxies.flatMap((name) => ["--env", name])];
}
