import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * Config vars rest in the database sealed (AES-256-GCM) with a key that is not in the database: a dump of it tells no secrets.
 * Shape of a sealed value: base64(version 1 byte | nonce 12 bytes | tag 16 bytes | ciphertext).
 */
export interface Seal {
  seal(plain: string): string;
  /** @throws Error when the value was sealed with another key or was changed. */
  open(sealed: string): string;
}

const version = 1;

/** @param keyHex 64 hexadecimal digits (256 bits). */
export function createSeal(keyHex: string): Seal {
  if (!/^[0-9a-f]{64}$/i.test(keyHex)) throw new Error("Cannot use SEAL_KEY: it must be 64 hexadecimal digits");
  const key = Buffer.from(keyHex, "hex");
  return {
    seal(plain) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.from([version]), nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      if (bytes.length < 29 || bytes[0] !== version)
        throw new Error("Cannot open a sealed value: it has an unknown shape");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 13));
      decipher.setAuthTag(bytes.subarray(13, 29));
      return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString("utf8");
    },
  };
}

/** Seals every value of a map; the names stay readable. */
export function sealAll(seal: Seal, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, seal.seal(value)]));
}

/** The reverse of {@link sealAll}. */
export function openAll(seal: Seal, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, seal.open(value)]));
}
