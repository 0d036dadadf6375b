import { Environment } from "../kernel/environment.ts";
import { ports } from "../kernel/platform.ts";

export interface Config {
  readonly port: number;
  /** Whoever holds it may write lines. */
  readonly intakeToken: string;
  /** Key of the capability URLs (`kernel/signed-url.ts`) that the API hands out. */
  readonly urlKey: string;
}

/** @throws Error naming the variable that is missing. */
export function readConfig(values: Readonly<Record<string, string | undefined>>): Config {
  const environment = new Environment(values);
  return {
    port: environment.integer("PORT", ports.dyno),
    intakeToken: environment.text("LOGS_TOKEN"),
    urlKey: environment.text("LOGS_KEY"),
  };
}
