import { readFile } from "node:fs/promises";
import { Problem } from "./problem.ts";

/**
 * An object from a JSON file of the data folder. @returns undefined when there is no such file.
 * @throws Problem when it may not be read or holds no object, e.g. after the disk was full, with what to do.
 */
export async function readJson(path: string): Promise<object | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    if (error.code === "EACCES") throw new Problem("forbidden", `${path} cannot be read: run as root`);
    throw error;
  });
  if (text === undefined) return undefined;
  const value = parseObject(text);
  if (value === undefined)
    throw new Problem(
      "conflict",
      `${path} is damaged, it holds no JSON object: restore it from a backup, or begin anew with bin/quine destroy`,
    );
  return value;
}

/** @returns undefined when the text is not JSON, or no object. */
export function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
