import { expect, test } from "vitest";
import { outcomeOf } from "../../services/seed/push-outcome.ts";

test.each([
  [0, ["Everything up-to-date"], "done"],
  [1, ["!     Another push to quine is running: wait until it has ended, then push again", "error: failed"], "busy"],
  [1, ["Another build of this app is running: wait for it, or cancel it"], "busy"],
  [1, ["!     main has moved since you fetched it: fetch, then push again"], "busy"],
  [128, ["fatal: unable to access 'http://localhost:8080/quine.git/': The requested URL returned error: 503"], "away"],
  [1, ["!     No package.json", "! [remote rejected] main -> main (pre-receive hook declined)"], "failed"],
  [null, [], "failed"],
] as const)("git that ends with %s and says %j: %s", (status, lines, outcome) => {
  expect(outcomeOf(status, lines)).toBe(outcome);
});
