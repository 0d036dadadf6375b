import { once } from "node:events";
import http from "node:http";
import { createDockerEngine } from "../../services/kernel/engine/docker.ts";
import type { Engine } from "../../services/kernel/engine/port.ts";
import { createFakeEngine, type FakeEngine } from "../fakes/engine.ts";
import { type FakeProgram, untilStopped } from "../fakes/process.ts";

/** An engine to hold to the contract, and how to run a program on it that both kinds of engine can run. */
export interface World {
  readonly engine: Engine;
  readonly image: string;
  /** The same program twice: as bash for the real engine, as a function for the fake. @returns the command that runs it. */
  program(shell: string, fake: FakeProgram): readonly string[];
}

export async function fakeWorld(): Promise<World & { readonly engine: FakeEngine }> {
  const programs = new Map<string, FakeProgram>();
  const image = "quine/debian-12:fake";
  return {
    engine: createFakeEngine({
      now: ticking(),
      images: [image],
      programFor: (spec) => programs.get(spec.command.at(-1) ?? "") ?? untilStopped,
    }),
    image,
    program(shell, fake) {
      programs.set(shell, fake);
      return ["/bin/bash", "-c", shell];
    },
  };
}

/** A clock that never shows one time twice, as a real engine's does not. */
function ticking(): () => Date {
  let last = Date.parse("2026-01-01T00:00:00Z");
  return () => new Date(++last);
}

/** @throws Error that says what is missing: an engine, or the stack image. */
export async function dockerWorld(): Promise<World> {
  const socketPath = engineSocket();
  const engine = createDockerEngine(socketPath);
  await engine.info();
  return {
    engine,
    image: await stackImage(socketPath),
    program: (shell) => ["/bin/bash", "-c", shell],
  };
}

function engineSocket(): string {
  const host = process.env.DOCKER_HOST ?? "";
  return host.startsWith("unix://") ? host.slice("unix://".length) : "/var/run/docker.sock";
}

/** QUINE_STACK_IMAGE, or the newest `quine/debian-12` the engine has. The port has no word for this, so it is asked in plain HTTP. */
async function stackImage(socketPath: string): Promise<string> {
  if (process.env.QUINE_STACK_IMAGE) return process.env.QUINE_STACK_IMAGE;
  const filters = encodeURIComponent(JSON.stringify({ reference: ["quine/debian-12"] }));
  const request = http.get({ socketPath, path: `/images/json?filters=${filters}` });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  const images = JSON.parse((await response.toArray()).join("")) as { Created: number; RepoTags: string[] | null }[];
  const newest = images.filter((image) => image.RepoTags?.length).sort((a, b) => b.Created - a.Created)[0];
  const tag = newest?.RepoTags?.find((name) => name.startsWith("quine/debian-12:"));
  if (tag === undefined) throw new Error('The engine has no quine/debian-12 image: run "npm test", which makes it');
  return tag;
}
