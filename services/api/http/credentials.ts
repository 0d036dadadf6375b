/** The token of an Authorization header: `Bearer T`, `Basic :T` or `Basic anything:T`; undefined when there is none. */
export function tokenOf(header: string | undefined): string | undefined {
  const match = /^(bearer|basic)\s+([\x21-\x7e]{1,1024})$/i.exec(header ?? "");
  const [, scheme = "", value = ""] = match ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme === "") return undefined;
  const plain = Buffer.from(value, "base64").toString("utf8");
  const colon = plain.indexOf(":");
  const token = plain.slice(colon + 1);
  return colon < 0 || token === "" ? undefined : token;
}
