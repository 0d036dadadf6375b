import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ingressContainer } from "../kernel/dyno/container.ts";
import { createDockerEngine } from "../kernel/engine/docker.ts";
import { labels, type Platform } from "../kernel/platform.ts";
import { Problem } from "../kernel/problem.ts";
import { readJson } from "../kernel/read-json.ts";
import { appUrl, frontUrl } from "./addresses.ts";
import type { Request } from "./arguments.ts";
import { type Booted, readBooted } from "./booted.ts";
import { createCheckout } from "./checkout.ts";
import type { SeedConfig } from "./config.ts";
import { answers } from "./engine-answers.ts";
import { createEngineApi, type EngineApi } from "./engine-api.ts";
import { observeMachine } from "./facts.ts";
import { createGit } from "./git.ts";
import { desiredPath } from "./kinds/register.ts";
import { trustPaths } from "./kinds/trust.ts";
import { executor } from "./kinds.ts";
import { takeLock } from "./lock.ts";
import {
  bootManifest,
  engineManifest,
  type Step,
  sampleAppName,
  sampleStep,
  selfStep,
  stackManifest,
  startManifest,
} from "./manifest.ts";
import { hostNpmRegistry, readExtraCertificates } from "./outside.ts";
import { preflight } from "./preflight.ts";
import { runSteps } from "./runner.ts";
import { readSaved } from "./saved.ts";
import { readSecrets } from "./secrets.ts";
import { defaults, settlePlatform } from "./settle.ts";
import { stackImageName } from "./stack.ts";
import { chooseSubnetPrefix, parseRoutes } from "./subnet.ts";
import type { Terminal } from "./terminal.ts";
import { completeWorld, type World } from "./world.ts";

/** `quine up`: looks, then goes through the manifest. A second run on a running platform finds all done. */
export async function up(request: Request, config: SeedConfig, root: string, terminal: Terminal): Promise<void> {
  const began = performance.now();
  const world = await prepareWorld(request, config, root, terminal);
  const { platform } = world;
  const booted = await readBooted(platform);
  // Damaged or lost, they are to be told of before anything is changed.
  await readSecrets(platform.dataDir);
  await readJson(desiredPath(world));
  await refuseIfUnfit(world, booted !== undefined);
  const release = await takeLock(platform.name);
  try {
    terminal.line(`Quine ${platform.name}: ${frontUrl(platform)}, data in ${platform.dataDir}`);
    await runSteps(stepsFor(booted, request), executor(world), terminal, () => performance.now());
  } finally {
    release();
  }
  terminal.line("");
  for (const line of summary(platform, await readBooted(platform))) terminal.line(line);
  terminal.line(`Ready in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
}

/** `quine engine`: only the container engine, for whoever needs no more. */
export async function engineOnly(
  request: Request,
  config: SeedConfig,
  root: string,
  terminal: Terminal,
): Promise<void> {
  const world = await prepareWorld(request, config, root, terminal);
  await runSteps(engineManifest, executor(world), terminal, () => performance.now());
}

/** `quine stack`: the engine and the stack image. @returns the image's name. */
export async function stackOnly(
  request: Request,
  config: SeedConfig,
  root: string,
  terminal: Terminal,
): Promise<string> {
  const world = await prepareWorld(request, config, root, terminal);
  await runSteps(stackManifest, executor(world), terminal, () => performance.now());
  return world.platform.stackImage;
}

/** What is once in a platform's life comes last, and is made up for by a later run that was not told to leave it out. */
function stepsFor(booted: Booted | undefined, request: Request): readonly Step[] {
  return [
    ...(booted === undefined ? bootManifest : startManifest),
    ...(request.self && booted?.self === undefined ? [selfStep] : []),
    ...(request.sample && booted?.sample === undefined ? [sampleStep] : []),
  ];
}

async function prepareWorld(request: Request, config: SeedConfig, root: string, terminal: Terminal): Promise<World> {
  const { wanted } = request;
  const saved = await readSaved(wanted.dataDir ?? defaults.dataDir);
  const engineSocket = saved?.engineSocket ?? config.engineSocket;
  const engineApi = createEngineApi(engineSocket);
  const extraCa = await settledCertificates(request, saved);
  const platform = settlePlatform(wanted, saved, {
    engineSocket,
    stackImage: stackImageName(extraCa),
    subnetPrefix:
      saved?.subnetPrefix ?? wanted.subnetPrefix ?? (await freeSubnet(wanted.name ?? defaults.name, engineApi)),
  });
  const git = createGit(config.inherited);
  return completeWorld({
    platform,
    git,
    engineApi,
    terminal,
    extraCa,
    path: config.path,
    engine: createDockerEngine(engineSocket),
    checkout: createCheckout(root, git),
    outside: await outsideSettings(config, saved),
    baseImage: request.baseImage,
    yes: request.yes,
  });
}

/** The certificates a platform was made with are in its image: others would be half believed. */
async function settledCertificates(request: Request, saved: Platform | undefined): Promise<string> {
  const path = saved === undefined ? undefined : trustPaths(saved).extraCa;
  if (path === undefined || !existsSync(path)) return readExtraCertificates(request.caFiles);
  const kept = await readFile(path, "utf8");
  if (request.caFiles !== undefined && (await readExtraCertificates(request.caFiles)) !== kept)
    throw new Problem(
      "conflict",
      `The platform was made with other CA certificates than --ca now names: see ${path} and docs/behind-a-proxy.md`,
    );
  return kept;
}

async function outsideSettings(config: SeedConfig, saved: Platform | undefined): Promise<Record<string, string>> {
  if (saved !== undefined && existsSync(trustPaths(saved).settings)) return {};
  if (config.outside.NPM_CONFIG_REGISTRY !== undefined) return { ...config.outside };
  const registry = await hostNpmRegistry();
  return { ...config.outside, ...(registry === undefined ? {} : { NPM_CONFIG_REGISTRY: registry }) };
}

async function freeSubnet(name: string, engineApi: EngineApi): Promise<string> {
  const routes = parseRoutes(await readFile("/proc/net/route", "utf8").catch(() => ""));
  const subnets = (await answers(engineApi)) ? await engineApi.subnets() : [];
  return chooseSubnetPrefix(name, [...routes, ...subnets]);
}

/** @throws Problem with every finding, before anything was changed. */
async function refuseIfUnfit(world: World, isBooted: boolean): Promise<void> {
  const { platform, engine, engineApi } = world;
  const hasEngine = process.platform === "linux" && (await answers(engineApi));
  const containers = hasEngine ? await engine.listContainers({ [labels.platform]: platform.name }) : [];
  const ingress = containers.find((container) => container.name === ingressContainer(platform).name);
  const findings = preflight(
    await observeMachine({
      name: platform.name,
      dataDir: platform.dataDir,
      engineRootDir: hasEngine ? (await engineApi.info()).rootDir : "/var/lib/docker",
      hasStackImage: hasEngine && (await engineApi.hasImage(platform.stackImage)),
      bindAddress: platform.bindAddress,
      ports: [
        { flag: "--port", port: platform.httpPort },
        { flag: "--tls-port", port: platform.httpsPort },
      ],
      hasIngress: ingress?.state === "running",
      containers: containers.length,
      isBooted,
    }),
  );
  if (findings.length > 0) throw new Problem("conflict", findings.join("\n"));
}

function summary(platform: Platform, booted: Booted | undefined): string[] {
  return [
    `Platform   ${frontUrl(platform)}`,
    ...(booted?.sample === undefined ? [] : [`Sample     ${appUrl(platform, sampleAppName)}`]),
    'Your shell eval "$(bin/quine env)", then heroku, git and curl speak to it',
    "Its parts  bin/quine status",
  ];
}
