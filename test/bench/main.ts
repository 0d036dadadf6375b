/**
 * `npm run bench [-- --up] [-- --rounds N] [-- --only start,push,memory] [-- --dry]`
 * Measures a running platform (eval "$(bin/quine env)" first), or with --up one that it brings up from a clean clone and takes away again.
 * Prints tables and puts them into docs/benchmarks.md; with --dry it only prints.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dynoStart } from "./dyno-start.ts";
import { createHello, deployable } from "./hello.ts";
import { describeMachine } from "./machine.ts";
import { idleMemory } from "./memory.ts";
import { type Section, sectionText, updatedPage } from "./page.ts";
import { createPeer } from "./peer.ts";
import { pushToLive } from "./push-to-live.ts";
import { openTarget, type Target } from "./target.ts";
import { type Fresh, upFromClone } from "./up-time.ts";

const { values } = parseArgs({
  options: {
    up: { type: "boolean", default: false },
    dry: { type: "boolean", default: false },
    rounds: { type: "string", default: "7" },
    only: { type: "string", default: "memory,start,push" },
  },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error(`--rounds must be a whole number, it is ${values.rounds}`);
const only = values.only.split(",");

const sections: Section[] = [];
function show(...measured: Section[]): void {
  for (const section of measured) process.stdout.write(`\n${sectionText(section)}`);
  sections.push(...measured);
}

let fresh: Fresh | undefined;
try {
  if (values.up) {
    fresh = await upFromClone();
    show(fresh.section);
  }
  const target = await openTarget(fresh?.environment ?? process.env);
  if (only.includes("memory")) show(await idleMemory(target, Math.min(rounds, 5)));
  if (only.includes("start") || only.includes("push")) await measureHello(target);
  const machine = await describeMachine((await target.engine.info()).version);
  if (!values.dry) {
    const page = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));
    await writeFile(page, updatedPage(await readFile(page, "utf8").catch(() => ""), machine, sections));
  }
} finally {
  await fresh?.remove();
}
process.exit();

async function measureHello(target: Target): Promise<void> {
  const hello = await createHello();
  const peer = await createPeer(target.platform.stackImage);
  try {
    const deployed = await deployable(target, "bench-hello", hello.folder);
    try {
      await hello.changeLine("first");
      await peer.build(hello.folder);
      await deployed.commit("first");
      await deployed.push();
      if (only.includes("start")) show(await dynoStart(target, peer, deployed.name, rounds));
      await target.api("PATCH", `/apps/${deployed.name}/formation/web`, { quantity: 1 });
      if (only.includes("push")) show(...(await pushToLive(target, peer, hello, deployed, rounds)));
    } finally {
      await deployed.destroy();
    }
  } finally {
    await peer.stop();
    await hello.remove();
  }
}
