/** What a dyno of a size may use. `diskBytes` bounds everything it writes: /app and /tmp together. */
export interface Size {
  readonly name: string;
  readonly memoryBytes: number;
  readonly cpuShares: number;
  readonly pidsMax: number;
  readonly diskBytes: number;
}

const megabyte = 1024 * 1024;
const gigabyte = 1024 * megabyte;

/** Heroku's sizes by name (contract §5.2), and two of our own: `build` for compile dynos, `system` for the platform's. */
export const sizes: readonly Size[] = [
  { name: "eco", memoryBytes: 512 * megabyte, cpuShares: 256, pidsMax: 256, diskBytes: 2 * gigabyte },
  { name: "basic", memoryBytes: 512 * megabyte, cpuShares: 256, pidsMax: 256, diskBytes: 2 * gigabyte },
  { name: "standard-1x", memoryBytes: 512 * megabyte, cpuShares: 512, pidsMax: 256, diskBytes: 2 * gigabyte },
  { name: "standard-2x", memoryBytes: 1024 * megabyte, cpuShares: 1024, pidsMax: 512, diskBytes: 2 * gigabyte },
  { name: "performance-m", memoryBytes: 2560 * megabyte, cpuShares: 2048, pidsMax: 16384, diskBytes: 8 * gigabyte },
  { name: "performance-l", memoryBytes: 14 * gigabyte, cpuShares: 4096, pidsMax: 32768, diskBytes: 16 * gigabyte },
  { name: "build", memoryBytes: 2048 * megabyte, cpuShares: 512, pidsMax: 512, diskBytes: 6 * gigabyte },
  { name: "system", memoryBytes: 1024 * megabyte, cpuShares: 2048, pidsMax: 1024, diskBytes: 2 * gigabyte },
];

/** The size of that name in any case (`Standard-1X` is how Heroku prints it), or undefined. */
export function sizeNamed(name: string): Size | undefined {
  return sizes.find((size) => size.name === name.toLowerCase());
}
