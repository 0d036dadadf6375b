// Long because it is the one table of all commands: what each is called, takes and says of itself.
import type { Command, Flag } from "./command.ts";

const json: Flag = { short: "j", summary: "print JSON" };
const shell: Flag = { short: "s", summary: "print as lines for a shell" };
const confirm: Flag = { short: "c", value: "APP", summary: "the app's name, to answer the question beforehand" };
const remote: Flag = { value: "REMOTE", short: "r", summary: "name of the git remote (heroku)" };

export const catalogue: readonly Command[] = [
  {
    name: "apps",
    aliases: ["list", "apps:list"],
    summary: "list your apps",
    flags: { system: { summary: "the platform's own apps" }, json, all: { short: "A", summary: "others' apps too" } },
    load: () => import("./commands/apps.ts"),
  },
  {
    name: "apps:create",
    aliases: ["create"],
    summary: "create an app, and a git remote for it",
    words: ["[APP]"],
    flags: {
      buildpack: { short: "b", value: "URL", summary: "what builds it" },
      remote,
      "no-remote": { short: "n", summary: "make no git remote" },
      json,
    },
    load: () => import("./commands/apps-create.ts"),
  },
  {
    name: "apps:info",
    aliases: ["info"],
    summary: "show an app",
    words: ["[APP]"],
    flags: { json, shell },
    isAboutApp: true,
    load: () => import("./commands/apps-info.ts"),
  },
  {
    name: "apps:open",
    aliases: ["open"],
    summary: "open an app in the browser",
    words: ["[PATH]"],
    isAboutApp: true,
    load: () => import("./commands/apps-open.ts"),
  },
  {
    name: "apps:rename",
    aliases: ["rename"],
    summary: "rename an app, and its git remotes here",
    words: ["NEWNAME"],
    isAboutApp: true,
    load: () => import("./commands/apps-rename.ts"),
  },
  {
    name: "apps:destroy",
    aliases: ["apps:delete", "destroy"],
    summary: "destroy an app for good",
    words: ["[APP]"],
    flags: { confirm },
    isAboutApp: true,
    load: () => import("./commands/apps-destroy.ts"),
  },
  {
    name: "builds",
    summary: "list an app's builds",
    flags: { num: { short: "n", value: "NUMBER", summary: "how many (15)" }, json },
    isAboutApp: true,
    load: () => import("./commands/builds.ts"),
  },
  {
    name: "builds:info",
    summary: "show a build (the last one)",
    words: ["[BUILD]"],
    flags: { json },
    isAboutApp: true,
    load: () => import("./commands/builds-info.ts"),
  },
  {
    name: "builds:output",
    summary: "show what a build printed, to its end",
    words: ["[BUILD]"],
    isAboutApp: true,
    load: () => import("./commands/builds-output.ts"),
  },
  {
    name: "builds:cancel",
    summary: "stop a build",
    words: ["[BUILD]"],
    isAboutApp: true,
    load: () => import("./commands/builds-cancel.ts"),
  },
  {
    name: "buildpacks",
    summary: "show what builds an app",
    flags: { json },
    isAboutApp: true,
    load: () => import("./commands/buildpacks.ts"),
  },
  {
    name: "buildpacks:set",
    summary: "build with this buildpack (at this place)",
    words: ["BUILDPACK"],
    flags: { index: { short: "i", value: "NUMBER", summary: "its place, counted from 1" } },
    isAboutApp: true,
    load: () => import("./commands/buildpacks-set.ts"),
  },
  {
    name: "buildpacks:add",
    summary: "build with this one too, last or at this place",
    words: ["BUILDPACK"],
    flags: { index: { short: "i", value: "NUMBER", summary: "its place, counted from 1" } },
    isAboutApp: true,
    load: () => import("./commands/buildpacks-add.ts"),
  },
  {
    name: "buildpacks:remove",
    summary: "build without this one",
    words: ["[BUILDPACK]"],
    flags: { index: { short: "i", value: "NUMBER", summary: "the one at this place" } },
    isAboutApp: true,
    load: () => import("./commands/buildpacks-remove.ts"),
  },
  {
    name: "buildpacks:clear",
    summary: "let the platform find out what builds the app",
    isAboutApp: true,
    load: () => import("./commands/buildpacks-clear.ts"),
  },
  {
    name: "config",
    summary: "show an app's config vars",
    flags: { json, shell },
    isAboutApp: true,
    load: () => import("./commands/config.ts"),
  },
  {
    name: "config:get",
    summary: "show config vars, the values alone",
    words: ["KEY…"],
    flags: { json, shell },
    isAboutApp: true,
    load: () => import("./commands/config-get.ts"),
  },
  {
    name: "config:set",
    aliases: ["config:add"],
    summary: "set config vars and restart",
    words: ["KEY=VALUE…"],
    isAboutApp: true,
    load: () => import("./commands/config-set.ts"),
  },
  {
    name: "config:unset",
    aliases: ["config:remove"],
    summary: "remove config vars and restart",
    words: ["KEY…"],
    isAboutApp: true,
    load: () => import("./commands/config-unset.ts"),
  },
  {
    name: "domains",
    summary: "list the host names an app answers at",
    flags: { json },
    isAboutApp: true,
    load: () => import("./commands/domains.ts"),
  },
  {
    name: "domains:add",
    summary: "have an app answer at a host name",
    words: ["HOSTNAME"],
    isAboutApp: true,
    load: () => import("./commands/domains-add.ts"),
  },
  {
    name: "domains:remove",
    summary: "have it answer there no longer",
    words: ["HOSTNAME"],
    isAboutApp: true,
    load: () => import("./commands/domains-remove.ts"),
  },
  {
    name: "git:remote",
    summary: "make a git remote for an app",
    flags: { remote },
    isAboutApp: true,
    load: () => import("./commands/git-remote.ts"),
  },
  {
    name: "git:credentials",
    summary: "answer git's question for a password",
    words: ["[OPERATION]"],
    isHidden: true,
    load: () => import("./commands/git-credentials.ts"),
  },
  {
    name: "logs",
    summary: "show an app's last lines",
    flags: {
      num: { short: "n", value: "NUMBER", summary: "how many (100)" },
      tail: { short: "t", summary: "go on as lines come" },
      "dyno-name": { short: "d", value: "DYNO", summary: "of this dyno, e.g. web.1" },
      "process-type": { short: "p", value: "TYPE", summary: "of this process type, e.g. web" },
      source: { short: "s", value: "SOURCE", summary: "app or heroku" },
    },
    isAboutApp: true,
    load: () => import("./commands/logs.ts"),
  },
  {
    name: "ps",
    summary: "list an app's dynos",
    words: ["[TYPE…]"],
    flags: { json },
    isAboutApp: true,
    load: () => import("./commands/ps.ts"),
  },
  {
    name: "ps:restart",
    aliases: ["restart", "dyno:restart"],
    summary: "restart dynos: all, of a type, or one",
    words: ["[DYNO]"],
    flags: {
      "dyno-name": { short: "d", value: "DYNO", summary: "this dyno, e.g. web.1" },
      "process-type": { short: "p", value: "TYPE", summary: "those of this type" },
    },
    isAboutApp: true,
    load: () => import("./commands/ps-restart.ts"),
  },
  {
    name: "ps:scale",
    aliases: ["scale", "dyno:scale"],
    summary: "show or change how many dynos run: web=2 worker+1 web=1:Standard-1X",
    words: ["[TYPE=QUANTITY:SIZE…]"],
    isAboutApp: true,
    load: () => import("./commands/ps-scale.ts"),
  },
  {
    name: "ps:stop",
    aliases: ["ps:kill", "kill", "stop", "dyno:kill", "dyno:stop"],
    summary: "stop dynos: of a type, or one",
    words: ["[DYNO]"],
    flags: {
      "dyno-name": { short: "d", value: "DYNO", summary: "this dyno, e.g. run.4821" },
      "process-type": { short: "p", value: "TYPE", summary: "those of this type" },
    },
    isAboutApp: true,
    load: () => import("./commands/ps-stop.ts"),
  },
  {
    name: "ps:wait",
    summary: "wait until all dynos run the newest release",
    flags: {
      type: { short: "t", value: "TYPE", summary: "only those of this type" },
      "with-run": { short: "R", summary: "one-off dynos too" },
      "wait-interval": { short: "w", value: "SECONDS", summary: "how often to look (2)" },
      timeout: { value: "SECONDS", summary: "give up after this long (600)" },
    },
    isAboutApp: true,
    load: () => import("./commands/ps-wait.ts"),
  },
  {
    name: "releases",
    summary: "list an app's releases",
    flags: { num: { short: "n", value: "NUMBER", summary: "how many (15)" }, json },
    isAboutApp: true,
    load: () => import("./commands/releases.ts"),
  },
  {
    name: "releases:info",
    summary: "show a release (the newest)",
    words: ["[RELEASE]"],
    flags: { json, shell },
    isAboutApp: true,
    load: () => import("./commands/releases-info.ts"),
  },
  {
    name: "releases:rollback",
    aliases: ["rollback"],
    summary: "release again what an earlier release was (the one before)",
    words: ["[RELEASE]"],
    isAboutApp: true,
    load: () => import("./commands/releases-rollback.ts"),
  },
  {
    name: "auth:whoami",
    aliases: ["whoami"],
    summary: "show who you are there",
    load: () => import("./commands/whoami.ts"),
  },
  { name: "version", summary: "show the version", load: () => import("./commands/version.ts") },
];

/** Commands of the machine the platform runs on: `bin/quine` gives them to the seed. Here for the help alone. */
export const machineCommands: readonly (readonly [string, string])[] = [
  ["up", "bring the platform up on this machine"],
  ["status", "show what of it runs"],
  ["down", "stop it, keep its data"],
  ["destroy", "remove it with its data"],
  ["env", "print a shell's lines for heroku, git and curl"],
];

export function commandNamed(name: string): Command | undefined {
  return catalogue.find((command) => command.name === name || command.aliases?.includes(name) === true);
}

/** All names one can type, for suggestions. */
export function typeableNames(): string[] {
  return [
    ...catalogue.flatMap((command) => (command.isHidden ? [] : [command.name, ...(command.aliases ?? [])])),
    ...machineCommands.map(([name]) => name),
    "help",
  ];
}
