import type { App } from "../apps/app.ts";
import { scaleLine } from "../formation/lines.ts";
import type { LogLines } from "../log-lines.ts";
import type { CreatedRelease } from "./create.ts";

/** What an app's log says of a new release: what was done, its version, and dynos that it brought. */
export function sayRelease(
  lines: LogLines,
  app: Pick<App, "id">,
  release: CreatedRelease,
  description: string,
  email: string,
): void {
  lines.say(app.id, `${description} by user ${email}`);
  lines.say(app.id, `Release v${release.version} created by user ${email}`);
  if (release.started.length > 0) lines.say(app.id, scaleLine(release.started, email));
}
