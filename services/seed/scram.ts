import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/**
 * What Postgres keeps of a password (RFC 5802, RFC 7677): a role can be made with it, so the password itself is in no statement,
 * and in no log of one.
 * @param salt 16 bytes.
 */
export function scramVerifier(password: string, salt: Buffer): string {
  const iterations = 4096;
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const mac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(mac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${mac("Server Key").toString("base64")}`;
}
