import { Problem } from "../../kernel/problem.ts";

/** Every variant of version 3 is served with one representation, which holds what any of them has. */
export function acceptVersion(header: string | undefined): void {
  if (/application\/vnd\.heroku\+json;\s*version=3(\.[a-z-]+)?(\s*[,;]|\s*$)/.test(header ?? "")) return;
  throw new Problem(
    "not_acceptable",
    "Cannot answer without a version: send the header `Accept: application/vnd.heroku+json; version=3`.",
  );
}
