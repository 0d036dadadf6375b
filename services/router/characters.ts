/** Character classes of HTTP/1.1 by byte (RFC 9110 §5.5 and §5.6.2, RFC 3986): one look-up a byte, since every byte of a head is looked at. */
const token = 1;
const value = 2;
const target = 4;
const hostname = 8;

const classes = new Uint8Array(256);
const mark = (characters: string, bit: number) => {
  for (const character of characters) classes[character.charCodeAt(0)] = (classes[character.charCodeAt(0)] ?? 0) | bit;
};
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
mark(`${letters}!#$%&'*+-.^_\`|~`, token);
mark(`${letters}-._`, hostname);
for (let code = 0; code < 256; code += 1) {
  const isVisible = code > 0x20 && code < 0x7f;
  if (isVisible || code === 0x20 || code === 0x09 || code >= 0x80) classes[code] = (classes[code] ?? 0) | value;
  // A fragment is never sent, and bytes beyond ASCII must be percent-encoded.
  if (isVisible && code !== 0x23) classes[code] = (classes[code] ?? 0) | target;
}

export function isToken(code: number): boolean {
  return ((classes[code] ?? 0) & token) !== 0;
}

export function isValue(code: number): boolean {
  return ((classes[code] ?? 0) & value) !== 0;
}

export function isTarget(code: number): boolean {
  return ((classes[code] ?? 0) & target) !== 0;
}

export function isHostname(code: number): boolean {
  return ((classes[code] ?? 0) & hostname) !== 0;
}
