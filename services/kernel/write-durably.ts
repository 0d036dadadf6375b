import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Replaces a file in one step that also a power cut leaves whole: the bytes are on the disk before the name points to them, and
 * the name is on the disk when this resolves.
 * @param mode permissions, e.g. 0o600.
 */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", mode);
  try {
    await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
