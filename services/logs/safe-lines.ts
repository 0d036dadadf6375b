/**
 * Tenants write what they like, and their lines stand beside the platform's own in one stream. A line end within a message would
 * let them write a line that says `heroku[router]`, or an event of its own into an event stream; a cursor movement would let them
 * paint over the line above on the reader's terminal. So line ends split, and of the control characters only tabs and colours pass.
 */
export function safeLines(message: string, bytesMax: number): string[] {
  const lines: string[] = [];
  for (const line of message.replace(/[\r\n]+$/, "").split(/\r\n|[\r\n]/)) {
    for (const part of splitBytes(withoutControls(line), bytesMax)) lines.push(part);
  }
  return lines;
}

/** Pieces of at most `bytesMax` bytes of UTF-8; no character is cut. */
export function splitBytes(text: string, bytesMax: number): string[] {
  // One UTF-16 unit is at most three bytes: most lines need no counting.
  if (text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax) return [text];
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + bytesMax, bytes.length);
    while (end < bytes.length && isContinuation(bytes[end])) end--;
    pieces.push(bytes.toString("utf8", start, end));
    start = end;
  }
  return pieces;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: because control characters are what this is about
const unsafe = /\u001b(?!\[[0-9;]{0,20}m)|[\u0000-\u0008\u000a-\u001a\u001c-\u001f\u007f-\u009f]/g;

function withoutControls(line: string): string {
  return line.replace(unsafe, "\ufffd");
}
