import { parseArgs } from "node:util";
import { Problem } from "../kernel/problem.ts";
import type { Wanted } from "./settle.ts";
import { parseWanted } from "./wanted.ts";

export const commands = ["up", "status", "down", "destroy", "env", "engine", "stack"] as const;
export type Command = (typeof commands)[number];

/** What the command line and the environment ask for, parsed and checked. */
export interface Request {
  readonly command: Command;
  readonly help: boolean;
  /** Ask nothing. */
  readonly yes: boolean;
  /** `destroy --confirm NAME`. */
  readonly confirm: string | undefined;
  readonly sample: boolean;
  /** Whether the platform builds itself at the end. */
  readonly self: boolean;
  /** A Debian image to make the stack image from, instead of Debian's packages. */
  readonly baseImage: string | undefined;
  /** Files of extra CA certificates; undefined: the host's own. */
  readonly caFiles: readonly string[] | undefined;
  readonly wanted: Wanted;
}

const flags = {
  help: { type: "boolean", short: "h" },
  yes: { type: "boolean", short: "y" },
  confirm: { type: "string" },
  "no-sample": { type: "boolean" },
  "no-self": { type: "boolean" },
  "base-image": { type: "string" },
  ca: { type: "string", multiple: true },
  name: { type: "string" },
  data: { type: "string" },
  port: { type: "string" },
  "tls-port": { type: "string" },
  bind: { type: "string" },
  domain: { type: "string" },
  subnet: { type: "string" },
} as const;

/** Flags that a command other than `up` has no use for are refused there: they would be silently ignored. */
const upOnly = ["no-sample", "no-self", "port", "tls-port", "bind", "domain", "subnet"] as const;

/**
 * @param variables QUINE_NAME, QUINE_DATA, … by flag name; a flag wins over its variable.
 * @throws Problem bad_request: unknown command or flag, or a value that cannot be.
 */
export function parseRequest(
  argv: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): Request {
  const [command, ...rest] = argv;
  const known = commands.find((name) => name === command);
  if (known === undefined)
    throw new Problem(
      "bad_request",
      `Unknown command ${JSON.stringify(command ?? "")}: use one of ${commands.join(", ")}`,
    );
  const values = parseFlags(rest);
  if (known !== "up") {
    const idle = upOnly.find((flag) => values[flag] !== undefined);
    if (idle !== undefined) throw new Problem("bad_request", `quine ${known} does not take --${idle}`);
  }
  if (known !== "destroy" && values.confirm !== undefined)
    throw new Problem("bad_request", `quine ${known} does not take --confirm`);
  return {
    command: known,
    help: values.help ?? false,
    yes: values.yes ?? false,
    confirm: values.confirm,
    sample: !(values["no-sample"] ?? false),
    self: !(values["no-self"] ?? false),
    baseImage: values["base-image"],
    caFiles: values.ca,
    wanted: parseWanted({
      name: values.name ?? variables.name,
      data: values.data ?? variables.data,
      port: values.port ?? variables.port,
      tlsPort: values["tls-port"] ?? variables.tlsPort,
      bind: values.bind ?? variables.bind,
      domain: values.domain ?? variables.domain,
      subnet: values.subnet ?? variables.subnet,
    }),
  };
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: false, strict: true }).values;
  } catch (error) {
    const words = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new Problem("bad_request", `${words}. See bin/quine up --help`);
  }
}
