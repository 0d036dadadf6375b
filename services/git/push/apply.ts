import type { Logger } from "../../kernel/log.ts";
import { Problem, sentence } from "../../kernel/problem.ts";
import type { App } from "../platform/answers.ts";
import type { Api } from "../platform/api.ts";
import { adopt, type CachedRepository } from "../repository/cache.ts";
import type { Hydration } from "../repository/hydrate.ts";
import { type PersistLimits, persist } from "../repository/persist.ts";
import { noObject, type RefCommand } from "../repository/refs.ts";
import type { Store, Stored } from "../repository/store.ts";
import { deploy } from "./deploy.ts";
import type { PushSteps, Received } from "./hook-server.ts";
import { BuildGoesOn, createJournal } from "./journal.ts";
import { type PushLimits, planPush } from "./plan.ts";
import { watchRollout } from "./rollout.ts";
import { createTerminal, type Terminal } from "./terminal.ts";

export interface PushLine {
  readonly hydration: Hydration;
  readonly store: Store;
  readonly api: Api;
  readonly logger: Logger;
  readonly limits: PushLimits & PersistLimits & { readonly outputBytesMax: number; readonly sourceBytesMax: number };
  readonly rolloutTimeLimitMs: number;
  readonly journalGraceMs: number;
  /** Ends whatever a push waits for; its reason is a Problem for the pusher. */
  readonly stopped: AbortSignal;
}

/** One push, as the pusher: everything asked of the platform is asked with this token. */
export interface Push {
  readonly app: App;
  readonly token: string;
  readonly repository: CachedRepository;
  /** Called when git has moved the refs. */
  readonly moved: () => void;
}

/** pack in the registry → row: pending → build → row: done → (git moves the refs) → rollout. */
export function pushSteps(line: PushLine, push: Push): PushSteps {
  const { app, repository } = push;
  let done: { stored: Stored; releaseId: string | undefined } | undefined;

  return {
    async before(received, write) {
      const terminal = createTerminal(write, line.limits.outputBytesMax);
      const startedAt = Date.now();
      let refusal: string | undefined;
      try {
        done = await alone(repository, app, () => take(line, push, received, terminal));
      } catch (error) {
        const expected = line.stopped.aborted && !(error instanceof BuildGoesOn) ? line.stopped.reason : error;
        refusal = expected instanceof Problem ? expected.message : "The platform failed to handle the push";
        if (!(expected instanceof Problem))
          line.logger.error("Bug: a push failed", { app: app.name, error: trace(error) });
        refuse(terminal, refusal, error instanceof BuildGoesOn ? undefined : `Push rejected to ${app.name}.`);
      }
      line.logger.info(done === undefined ? "Refused a push" : "Took a push", {
        app: app.name,
        refs: received.commands.length,
        because: refusal,
        duration_ms: Date.now() - startedAt,
      });
      return done !== undefined;
    },

    async after(write) {
      if (done === undefined) return;
      await adopt(line.hydration, repository, done.stored);
      push.moved();
      if (done.releaseId === undefined) return;
      const terminal = createTerminal(write, line.limits.outputBytesMax);
      const enough = AbortSignal.any([line.stopped, AbortSignal.timeout(line.rolloutTimeLimitMs)]);
      await watchRollout(line.api, app, push.token, done.releaseId, terminal, enough);
    },
  };
}

/** Two pushes to one app never build at once, even of different branches. */
async function alone<T>(repository: CachedRepository, app: App, work: () => Promise<T>): Promise<T> {
  if (repository.isPushing) throw anotherRuns(app);
  repository.isPushing = true;
  try {
    return await work();
  } finally {
    repository.isPushing = false;
  }
}

function anotherRuns({ name }: App): Problem {
  return new Problem("conflict", `Another push to ${name} is running: wait until it has ended, then push again`);
}

async function take(line: PushLine, push: Push, received: Received, terminal: Terminal) {
  const { app, token, repository } = push;
  const { commands } = received;
  const { refs, pending } = await line.store.load(app.id);
  // Of another service that lives, or of one that died while its build goes on: what has ended was settled before this push came in.
  if (pending !== undefined) throw anotherRuns(app);
  const plan = planPush(commands, refs, line.limits);
  if (plan.kind === "refuse") throw new Problem("invalid_params", plan.because);

  const path = repository.path;
  const environment = quarantineEnvironment(path, received.quarantine);
  await requireCommits(line, path, environment, commands);
  for (const note of plan.notes) terminal.line(note);

  const { hydration, store, api, limits, stopped } = line;
  const change = { appId: app.id, path, commands, environment };
  if (plan.deploy === undefined)
    return { stored: await persist(hydration, store, limits, change, null, stopped), releaseId: undefined };
  const journal = createJournal(line, change);
  try {
    const { commit } = plan.deploy;
    const deployment = { app, token, path, environment, commit, sourceBytesMax: limits.sourceBytesMax };
    const { releaseId } = await deploy(hydration, api, deployment, journal, terminal, stopped);
    return { stored: await persist(hydration, store, limits, change, journal.intent ?? null, stopped), releaseId };
  } catch (error) {
    if (stopped.aborted && journal.intent !== undefined) throw new BuildGoesOn();
    throw error;
  }
}

/** In which git sees the push's objects beside the repository's own. */
function quarantineEnvironment(path: string, quarantine: string | undefined): Readonly<Record<string, string>> {
  if (quarantine === undefined) return {};
  return { GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: `${path}/objects` };
}

/** Git refuses a branch that is no commit only when it moves the ref, which is after the build. */
async function requireCommits(
  { hydration }: PushLine,
  path: string,
  environment: Readonly<Record<string, string>>,
  commands: readonly RefCommand[],
): Promise<void> {
  const branches = commands.filter(({ ref, after }) => ref.startsWith("refs/heads/") && after !== noObject);
  if (branches.length === 0) return;
  const input = `${branches.map(({ after }) => after).join("\n")}\n`;
  const kinds = await hydration.git.run(path, ["cat-file", "--batch-check=%(objecttype)"], { input, environment });
  const wrong = branches[kinds.split("\n").findIndex((kind) => kind !== "commit" && kind !== "")];
  if (wrong !== undefined) throw new Problem("invalid_params", `${wrong.ref} must be a commit, it is none`);
}

function refuse(terminal: Terminal, because: string, outcome: string | undefined): void {
  terminal.flush();
  terminal.line("");
  terminal.line(` !     ${because}`);
  if (outcome !== undefined) terminal.line(` !     ${outcome}`);
  terminal.line("");
}

function trace(error: unknown): string {
  return error instanceof Error ? `${sentence(error)} ${error.stack ?? ""}` : String(error);
}
