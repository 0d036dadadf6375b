import { Transform } from "node:stream";

/** Passes bytes through and breaks off with the error once there are more than `bytesMax`. */
export function limitBytes(bytesMax: number, error: () => Error): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(error());
      else done(null, chunk);
    },
  });
}
