import { once } from "node:events";
import type { Readable } from "node:stream";
import { Problem } from "../../kernel/problem.ts";

/** What every squashfs image begins with. */
const magic = Buffer.from("hsqs");

/**
 * Looks at the first bytes of a blob and leaves them in the stream. What a build hands in is mounted by the host: a blob that cannot be
 * an image is refused here, where the build can be told, and not when a dyno fails to start.
 * @param bytes how long the body says it is.
 * @throws Problem invalid_params when it is no squashfs image.
 */
export async function requireSquashfs(kind: string, bytes: number, body: Readable): Promise<void> {
  const first = bytes < magic.length ? undefined : await peek(body, magic.length);
  if (first?.equals(magic) === true) return;
  throw new Problem("invalid_params", `Cannot store the ${kind}: it is not a squashfs image.`);
}

/**
 * The first bytes, in however small pieces they come. Each piece is taken out before the next is waited for: a stream that still
 * holds something says "readable" at once and for ever, and this loop would never let the rest arrive.
 */
async function peek(body: Readable, count: number): Promise<Buffer> {
  let taken = Buffer.alloc(0);
  for (;;) {
    // Of a stream that is over already no event would come.
    if (body.destroyed || body.readableEnded) throw new Problem("bad_request", "The blob broke off.");
    const bytes: unknown = body.read();
    if (Buffer.isBuffer(bytes)) taken = Buffer.concat([taken, bytes]);
    if (taken.length >= count) {
      body.unshift(taken);
      return taken.subarray(0, count);
    }
    await once(body, "readable");
  }
}
