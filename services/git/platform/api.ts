import type { Readable } from "node:stream";
import {
  type App,
  type Build,
  parseApp,
  parseBuild,
  parseBuilds,
  parseRollout,
  parseSource,
  type Rollout,
  type Source,
} from "./answers.ts";
import type { Client } from "./client.ts";

/**
 * The Platform API, asked with the pusher's token: this service has no power of its own over any app.
 * Every method throws Problem when the API refuses or does not answer.
 */
export interface Api {
  app(name: string, token: string): Promise<App>;
  createSource(app: App, token: string, signal: AbortSignal): Promise<Source>;
  upload(source: Source, bytes: number, body: Readable, signal: AbortSignal): Promise<void>;
  createBuild(app: App, token: string, source: Source, version: string, signal: AbortSignal): Promise<Build>;
  build(app: App, token: string, id: string, signal: AbortSignal): Promise<Build>;
  /** The newest builds. */
  builds(app: App, token: string, signal: AbortSignal): Promise<Build[]>;
  output(url: string, signal: AbortSignal): Promise<Readable>;
  /** Answers when the rollout is decided, or after a minute. */
  rollout(app: App, token: string, releaseId: string, signal: AbortSignal): Promise<Rollout>;
}

const rolloutWaitSeconds = 60;

export function createApi(client: Client): Api {
  return {
    app: async (name, token) => parseApp(await client.json("GET", `/apps/${name}`, token)),
    createSource: async (app, token, signal) =>
      parseSource(await client.json("POST", `/apps/${app.id}/sources`, token, { signal })),
    upload: (source, bytes, body, signal) => client.put(source.putUrl, bytes, body, signal),
    createBuild: async (app, token, source, version, signal) =>
      parseBuild(
        await client.json("POST", `/apps/${app.id}/builds`, token, {
          body: { source_blob: { url: source.getUrl, version } },
          signal,
        }),
      ),
    build: async (app, token, id, signal) =>
      parseBuild(await client.json("GET", `/apps/${app.id}/builds/${id}`, token, { signal })),
    builds: async (app, token, signal) =>
      parseBuilds(
        await client.json("GET", `/apps/${app.id}/builds`, token, {
          range: "started_at ..; order=desc, max=50",
          signal,
        }),
      ),
    output: (url, signal) => client.open(url, signal),
    rollout: async (app, token, releaseId, signal) =>
      parseRollout(
        await client.json("GET", `/apps/${app.id}/releases/${releaseId}/rollout?wait=${rolloutWaitSeconds}`, token, {
          signal,
          timeoutMs: (rolloutWaitSeconds + 15) * 1000,
        }),
      ),
  };
}
