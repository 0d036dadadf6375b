import { Problem, type ProblemId } from "../problem.ts";

const refusals: Readonly<Record<number, ProblemId>> = {
  400: "invalid_params",
  403: "conflict",
  404: "not_found",
  409: "conflict",
};

/** The HTTP status the engine refused with; undefined when it did not answer at all. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number } | undefined)?.statusCode;
}

/**
 * The engine's refusal in the platform's words. What the engine says names containers, images and paths, never config vars.
 * @param what what could not be done, as a verb: "start container 4f…".
 */
export function explained(what: string, cause: unknown, socketPath: string): Error {
  const { code, json } = cause as { code?: string; json?: { message?: string } };
  const status = statusOf(cause);
  if (status !== undefined) {
    // The engine's sentence is all there is to know of a refusal: no cause beside it, that would say it twice.
    const words = `Cannot ${what}: ${json?.message ?? `the engine answered ${status}`}`;
    const id = refusals[status];
    return id === undefined ? new Error(words) : new Problem(id, words);
  }
  switch (code) {
    case "ENOENT":
    case "ECONNREFUSED":
      return unavailable(`no engine answers at ${socketPath}; start one with "bin/quine up"`, what, cause);
    case "EACCES":
    case "EPERM":
      return unavailable(`no permission to use ${socketPath}; run as root or join the group "docker"`, what, cause);
    case "ECONNRESET":
    case "EPIPE":
    case "ETIMEDOUT":
      return unavailable(`the engine at ${socketPath} did not answer in time or went away; try again`, what, cause);
  }
  return new Error(`Cannot ${what}`, { cause });
}

function unavailable(why: string, what: string, cause: unknown): Problem {
  return new Problem("service_unavailable", `Cannot ${what}: ${why}`, { cause });
}
