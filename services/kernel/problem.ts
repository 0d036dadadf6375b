/** Ids of problems a client may see; the words and statuses are Heroku's where it has them (Platform API, "Errors"). */
export type ProblemId =
  | "bad_request"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "not_acceptable"
  | "conflict"
  | "gone"
  | "payload_too_large"
  | "requested_range_not_satisfiable"
  | "invalid_params"
  | "rate_limit"
  | "service_unavailable";

const statuses: Record<ProblemId, number> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  not_acceptable: 406,
  conflict: 409,
  gone: 410,
  payload_too_large: 413,
  requested_range_not_satisfiable: 416,
  invalid_params: 422,
  rate_limit: 429,
  service_unavailable: 503,
};

/**
 * The caller's mistake, or a state the caller can do something about. It is expected, shown to people as it is,
 * and never a bug of ours (a bug is any other Error: it is logged with its stack and answered with a 500).
 * The text says what could not be done, why, and what to do.
 */
export class Problem extends Error {
  readonly id: ProblemId;
  readonly status: number;
  /** The noun a 404 is about, e.g. "app": clients of the Platform API read it. */
  readonly resource: string | undefined;

  constructor(id: ProblemId, message: string, options: { cause?: unknown; resource?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "Problem";
    this.id = id;
    this.status = statuses[id];
    this.resource = options.resource;
  }
}

/** The one sentence of any thrown value, its causes appended, for logs and terminals. */
export function sentence(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? thrown.message : `${thrown.message}: ${sentence(thrown.cause)}`;
}
