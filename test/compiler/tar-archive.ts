/** Archives written by hand, to hold what no honest tar program writes. */
export interface Entry {
  readonly path: string;
  readonly type?: string;
  readonly content?: string;
  readonly link?: string;
  readonly mode?: number;
}

export function tarArchive(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(entryBlocks), Buffer.alloc(1024)]);
}

export async function* inPieces(bytes: Buffer, pieceBytes: number): AsyncIterable<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
}

function entryBlocks({ path, type = "0", content = "", link = "", mode = 0o644 }: Entry): Buffer[] {
  const header = Buffer.alloc(512);
  const body = Buffer.from(content);
  header.write(path, 0, 100);
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(type, 156, 1, "latin1");
  header.write(link, 157, 100);
  header.write("ustar\u000000", 257, "latin1");
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}
