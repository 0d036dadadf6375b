import { Environment } from "../kernel/environment.ts";

export interface Settings {
  /** HEROKU_HOST and HEROKU_API_KEY; each wins over `cliFile`. */
  readonly host: string | undefined;
  readonly token: string | undefined;
  /** Where the platform wrote both for its owner. */
  readonly cliFile: string;
  readonly appName: string | undefined;
  /** Host (and port) of git remotes, when it is not that of the API. */
  readonly gitHost: string | undefined;
  readonly hasColours: boolean;
}

export function readSettings(values: Readonly<Record<string, string | undefined>>): Settings {
  const environment = new Environment(values);
  return {
    host: environment.optional("HEROKU_HOST"),
    token: environment.optional("HEROKU_API_KEY"),
    cliFile: `${environment.text("QUINE_DATA", "/var/lib/quine")}/cli.json`,
    appName: environment.optional("HEROKU_APP"),
    gitHost: environment.optional("HEROKU_GIT_HOST"),
    hasColours: environment.optional("NO_COLOR") === undefined && environment.optional("TERM") !== "dumb",
  };
}
