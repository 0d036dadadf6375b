/** What this service reads of the API's answers; anything of another shape is refused here, once. */
export interface App {
  readonly id: string;
  readonly name: string;
}

export interface Source {
  readonly putUrl: string;
  readonly getUrl: string;
}

export interface Build {
  readonly id: string;
  readonly status: "pending" | "succeeded" | "failed";
  readonly outputUrl: string | undefined;
  readonly releaseId: string | undefined;
  /** Why it failed, in words for people. */
  readonly failure: string | undefined;
  /** What it was made of, as whoever asked for it named it. */
  readonly version: string | undefined;
  /** To the second. */
  readonly createdAt: Date;
}

export interface Rollout {
  readonly status: "up" | "pending" | "crashed" | "none";
  readonly message: string;
}

type Fields = Readonly<Record<string, unknown>>;

export function parseApp(body: unknown): App {
  const { id, name } = fields(body);
  if (typeof name !== "string" || !/^[a-z][a-z0-9-]{1,29}$/.test(name)) throw unexpected("an app's name");
  return { id: parseId(id), name };
}

export function parseSource(body: unknown): Source {
  const { put_url, get_url } = fields(fields(body).source_blob);
  if (typeof put_url !== "string" || typeof get_url !== "string") throw unexpected("a source");
  return { putUrl: put_url, getUrl: get_url };
}

export function parseBuild(body: unknown): Build {
  const { id, status, output_stream_url, release, failure_message, source_blob, created_at } = fields(body);
  if (status !== "pending" && status !== "succeeded" && status !== "failed") throw unexpected("a build's status");
  if (typeof created_at !== "string" || Number.isNaN(Date.parse(created_at))) throw unexpected("a build's time");
  const version = typeof source_blob === "object" && source_blob !== null ? (source_blob as Fields).version : undefined;
  const releaseId = typeof release === "object" && release !== null ? (release as Fields).id : undefined;
  return {
    id: parseId(id),
    status,
    outputUrl: typeof output_stream_url === "string" ? output_stream_url : undefined,
    releaseId: releaseId === undefined ? undefined : parseId(releaseId),
    failure: typeof failure_message === "string" && failure_message !== "" ? failure_message : undefined,
    version: typeof version === "string" ? version : undefined,
    createdAt: new Date(created_at),
  };
}

export function parseBuilds(body: unknown): Build[] {
  if (!Array.isArray(body)) throw unexpected("a list of builds");
  return body.map(parseBuild);
}

export function parseRollout(body: unknown): Rollout {
  const { status, message } = fields(body);
  if (status !== "up" && status !== "pending" && status !== "crashed" && status !== "none")
    throw unexpected("a rollout's status");
  return { status, message: typeof message === "string" ? message : "" };
}

/** The sentence of an error answer (`{id, message}`), if it has one. */
export function parseMessage(body: unknown): string | undefined {
  const message = typeof body === "object" && body !== null ? (body as Fields).message : undefined;
  return typeof message === "string" && message !== "" ? message.slice(0, 1000) : undefined;
}

/** Ids become path segments and folder names, so they are what they should be or nothing. */
function parseId(id: unknown): string {
  if (typeof id !== "string" || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw unexpected("an id");
  return id;
}

function fields(body: unknown): Fields {
  if (typeof body !== "object" || body === null) throw unexpected("an object");
  return body as Fields;
}

function unexpected(what: string): Error {
  return new Error(`The API answered without ${what}`);
}
