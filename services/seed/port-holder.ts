import { readdir, readFile, readlink } from "node:fs/promises";

/** @returns who listens on a TCP port of this machine, "nginx (process 812)"; undefined when /proc does not tell. */
export async function portHolder(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const inodes = listeningInodes(tables.join("\n"), port);
  if (inodes.size === 0) return undefined;
  for (const process of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${process}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${process}/fd/${file}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) {
        const name = await readFile(`/proc/${process}/comm`, "utf8").catch(() => "a program");
        return `${name.trim()} (process ${process})`;
      }
    }
  }
  return undefined;
}

/** @param table lines of /proc/net/tcp: the second field is address:port in hexadecimal, the fourth the state (0A listens), the tenth the inode. */
export function listeningInodes(table: string, port: number): Set<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const line of table.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [, local = "", , state] = fields;
    const inode = fields[9];
    if (state === "0A" && local.endsWith(`:${wanted}`) && inode !== undefined) inodes.add(inode);
  }
  return inodes;
}
