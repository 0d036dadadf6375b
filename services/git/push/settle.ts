import { Problem } from "../../kernel/problem.ts";
import type { App, Build } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import type { Pending } from "../repository/pending.ts";
import { applyCommands, commandsApply } from "../repository/refs.ts";
import type { Stored } from "../repository/store.ts";
import type { PushLine } from "./apply.ts";

export type Verdict = "finish" | "forget" | "wait";

/**
 * What becomes of a pending push.
 * @param build the one it asked for; "none" when the API knows of none, undefined when the API does not say.
 */
export function planSettlement(pending: Pending, build: Build | "none" | undefined, graceMs: number): Verdict {
  if (build === undefined) return "wait";
  // Its service may be asking for the build just now.
  if (build === "none") return pending.buildId === undefined && pending.ageMs < graceMs ? "wait" : "forget";
  switch (build.status) {
    case "pending":
      return "wait";
    case "succeeded":
      return "finish";
    case "failed":
      return "forget";
    default:
      throw new Error(`Bug: a build cannot be ${build.status satisfies never}`);
  }
}

/** The build of a push whose service died before it knew the build's id. Dates of builds have no fractions of a second. */
export function findBuild({ commit, at }: Pending, builds: readonly Build[]): Build | undefined {
  const since = Math.floor(at.getTime() / 1000) * 1000;
  return builds
    .filter(({ version, createdAt }) => version === commit && createdAt.getTime() >= since)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
}

/**
 * The stored repository, once a push that another process left pending has been finished or forgotten, as its build has ended.
 * Finishing is the same compare-and-swap that the push's own service makes, so that it does not matter if that one lives: who comes
 * second finds it done.
 * @param token of whoever asks: this service has no rights of its own. Whoever may see the app may see its builds.
 */
export async function loadSettled({ store, api, logger, journalGraceMs }: PushLine, app: App, token: string) {
  const stored = await store.load(app.id);
  const { pending } = stored;
  if (pending === undefined) return stored;
  const verdict = planSettlement(pending, await look(api, app, token, pending), journalGraceMs);
  if (verdict === "wait") return stored;
  if (verdict === "forget") await store.close(app.id, pending.push);
  else await finish(stored, pending);
  logger.info(verdict === "finish" ? "Finished a push left pending" : "Forgot a push left pending", {
    app: app.name,
    commit: pending.commit,
  });
  return store.load(app.id);

  async function finish({ refs, generation }: Stored, { commands, packs }: Pending): Promise<void> {
    // Nothing else is written while a push is pending.
    if (!commandsApply(refs, commands)) throw new Error("Bug: refs have moved while a push was pending");
    await store.swap(app.id, generation, applyCommands(refs, commands), packs);
  }
}

async function look(api: Api, app: App, token: string, pending: Pending): Promise<Build | "none" | undefined> {
  const signal = AbortSignal.timeout(lookMs);
  try {
    if (pending.buildId !== undefined) return await api.build(app, token, pending.buildId, signal);
    return findBuild(pending, await api.builds(app, token, signal)) ?? "none";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.id === "not_found" ? "none" : undefined;
  }
}

const lookMs = 10_000;
