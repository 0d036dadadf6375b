import type { Command } from "./arguments.ts";

const common = [
  "  --name NAME       which platform; default quine (QUINE_NAME)",
  "  --data FOLDER     its data folder; default /var/lib/quine (QUINE_DATA)",
];

const texts: Readonly<Record<Command, readonly string[]>> = {
  up: [
    "bin/quine up: bring up a platform on this machine, or go on where an earlier run stopped",
    "",
    ...common,
    "  --port PORT       HTTP and TLS alike; default 8080 (QUINE_PORT)",
    "  --tls-port PORT   the same; default 8443 (QUINE_TLS_PORT)",
    "  --bind ADDRESS    of this machine; default 127.0.0.1 (QUINE_BIND)",
    "  --domain DOMAIN   apps answer at APP.DOMAIN; default localhost (QUINE_DOMAIN)",
    "  --subnet A.B      first two bytes of the dynos' network; default a free one (QUINE_SUBNET)",
    "  --ca FILE         extra CA certificates for builds and dynos; default the host's own (docs/behind-a-proxy.md)",
    "  --base-image NAME make the stack image from this Debian image instead of from Debian's packages",
    "  --no-sample       deploy no sample app",
    "  --no-self         do not let the platform build itself",
    "  --yes             ask nothing, install what is missing",
  ],
  status: ["bin/quine status: what runs, and what to do about what does not", "", ...common],
  down: ["bin/quine down: stop everything; the data stays, and bin/quine up starts it again", "", ...common],
  destroy: [
    "bin/quine destroy: remove a platform with all its apps and data",
    "",
    ...common,
    "  --confirm NAME    ask nothing, if this is the platform's name",
    "  --yes             ask nothing",
  ],
  env: [
    "bin/quine env: shell lines that point heroku, git and curl at the platform",
    "",
    '  eval "$(bin/quine env)"',
    "",
    ...common,
  ],
  engine: [
    "bin/quine engine: make sure of the container engine, no more",
    "",
    "  --yes             ask nothing, install what is missing",
  ],
  stack: [
    "bin/quine stack: make sure of the engine and the stack image, and print the image's name",
    "",
    "  --yes, --ca, --base-image as in bin/quine up",
  ],
};

export function helpText(command: Command): string {
  return `${texts[command].join("\n")}\n`;
}
