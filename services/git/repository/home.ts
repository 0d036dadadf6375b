import { randomBytes } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the service keeps what it can lose, and the environment in which git sees that and nothing else. */
export interface Home {
  /** GIT_PROJECT_ROOT: `<app id>.git` below. */
  readonly repositories: string;
  /** Archives and packs on their way. */
  readonly work: string;
  /** Unix socket the hook speaks to. */
  readonly socket: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Makes a new home below `folder` and removes what earlier runs left there: nothing in a cache is worth trusting after a crash. */
export async function makeHome(folder: string, pushBytesMax: number): Promise<Home> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (name.startsWith("run-")) await rm(join(folder, name), { recursive: true, force: true });
  }
  const root = join(folder, `run-${randomBytes(4).toString("hex")}`);
  const home = { repositories: join(root, "repositories"), work: join(root, "work"), socket: join(root, "hook") };
  const hooks = join(root, "hooks");
  for (const path of [root, home.repositories, home.work, hooks, join(root, "empty")])
    await mkdir(path, { mode: 0o700 });
  for (const name of ["pre-receive", "post-receive"]) {
    await copyFile(new URL(`../push/${name}`, import.meta.url), join(hooks, name));
    await chmod(join(hooks, name), 0o700);
  }
  await writeFile(join(root, "config"), gitConfig(hooks, pushBytesMax));
  return {
    ...home,
    environment: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      HOME: join(root, "empty"),
      TMPDIR: home.work,
      GIT_CONFIG_GLOBAL: join(root, "config"),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_PROJECT_ROOT: home.repositories,
      GIT_HTTP_EXPORT_ALL: "1",
      QUINE_HOOK_SOCKET: home.socket,
    },
  };
}

/**
 * The whole of git's configuration. Every pack is indexed with full checks (an unpack limit of 1 leaves no loose way in). Three checks
 * are warnings: old, honest histories fail them and nothing can be done with them. Memory is bounded because the dyno's is.
 */
function gitConfig(hooks: string, pushBytesMax: number): string {
  return `[core]
	hooksPath = ${hooks}
	logAllRefUpdates = false
	bigFileThreshold = 16m
	packedGitWindowSize = 16m
	packedGitLimit = 128m
[init]
	defaultBranch = main
[receive]
	fsckObjects = true
	unpackLimit = 1
	maxInputSize = ${pushBytesMax}
	denyNonFastForwards = false
	denyDeletes = false
	denyDeleteCurrent = false
	advertisePushOptions = false
	shallowUpdate = false
	autogc = false
	keepAlive = 5
[receive "fsck"]
	zeroPaddedFilemode = warn
	badTimezone = warn
	missingSpaceBeforeDate = warn
[transfer]
	fsckObjects = true
	unpackLimit = 1
[http]
	receivepack = true
	uploadpack = true
	getanyfile = false
[pack]
	threads = 2
	windowMemory = 64m
	deltaCacheSize = 64m
[gc]
	auto = 0
[maintenance]
	auto = false
[tar]
	umask = 0022
`;
}
