import type { Queries } from "../../kernel/postgres.ts";

/** One sentence of at most 1,000 characters without control characters: it is printed on a terminal. */
export function failureMessage(text: string): string {
  const plain = [...text].map((character) => (isControl(character) ? " " : character)).join("");
  return plain.trim().slice(0, 1000) || "the build failed";
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/**
 * Marks a pending build as failed and asks its dyno to stop, in the caller's transaction.
 * @returns false when it was over already: whoever comes first decides.
 */
export async function failBuild(queries: Queries, buildId: string, message: string): Promise<boolean> {
  // First the dyno, then the build: every transaction takes the two rows in this order.
  await queries.query(
    `update one_offs set stop_requested_at = now() where stop_requested_at is null
     and id = (select one_off_id from builds where id = $1 and status = 'pending')`,
    [buildId],
  );
  const changed = await queries.query(
    "update builds set status = 'failed', message = $2, updated_at = now() where id = $1 and status = 'pending' returning id",
    [buildId, failureMessage(message)],
  );
  return changed.length > 0;
}
