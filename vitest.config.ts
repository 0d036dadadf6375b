import { defineConfig } from "vitest/config";

/** One service at a time with the real programs it works with: a database, a registry, git, a terminal. */
const services = [
  "test/api/{builds,conformance,platform-api,promotion}.test.ts",
  "test/cli/{logs,program,real-api,terminal}.test.ts",
  "test/git/{crash,hostile,push,together}.test.ts",
  "test/worlds/*.test.ts",
];

/** From tables in seconds, by services and adapters on the real thing, to stories on a whole platform. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...services, "test/contracts/**", "test/system/**", "test/apps/**", "**/node_modules/**"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "service", include: services, testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "contract",
          include: ["test/contracts/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          globalSetup: ["test/worlds/bring-up.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
