const megabyte = 1024 * 1024;

/** Every bound of the API in one place. */
export const limits = {
  jsonBytes: megabyte,
  headerBytes: 32 * 1024,
  sourceBytes: 512 * megabyte,
  /** All layers of a slug together, as Heroku's slug size. */
  slugBytes: 500 * megabyte,
  cacheBytes: 1024 * megabyte,
  /** What one build dyno may upload, layers and cache, repeated tries included. */
  buildUploadBytes: 3 * 1024 * megabyte,
  /** Names and values of an app's config vars together, as on Heroku. */
  configBytes: 64 * 1024,
  appsPerAccount: 100,
  domainsPerApp: 100,
  buildpacksPerApp: 20,
  dynosPerType: 100,
  /** Builds under way at once on the platform; each is a dyno of size `build`. */
  pendingBuilds: 8,
  /** Seconds a build may outlive its dyno's time limit before it is given up. */
  buildGraceSeconds: 60,
  sourceUrlSeconds: 3600,
  logSessionSeconds: 360,
  outputUrlSeconds: 24 * 3600,
  rolloutWaitSeconds: 60,
  rolloutWaiters: 100,
  /** Rows of a list that are read at all; a client pages through them. */
  listRows: 10_000,
  rateTokens: 4500,
  rateTokensPerMinute: 75,
  rateAccounts: 10_000,
  oneOffDays: 7,
} as const;
