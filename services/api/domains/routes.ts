import { randomUUID } from "node:crypto";
import type { Router } from "express";
import { z } from "zod";
import { type Queries, sqlState } from "../../kernel/postgres.ts";
import { Problem } from "../../kernel/problem.ts";
import type { App } from "../apps/app.ts";
import { presentAppReference } from "../apps/present.ts";
import { findApp, lockApp } from "../apps/store.ts";
import { handle, handleList } from "../http/handle.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { constantId, isoTime } from "../present.ts";

interface Domain {
  readonly id: string;
  readonly hostname: string;
  readonly kind: "heroku" | "custom";
  readonly createdAt: Date;
}

const byId = { id: (domain: Domain) => domain.id, hostname: (domain: Domain) => domain.hostname };
const label = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
const creation = z.object({
  hostname: z
    .string()
    .max(253)
    .transform((text) => text.toLowerCase())
    .refine(
      (text) => new RegExp(`^(\\*\\.)?(${label}\\.)+${label}$`).test(text),
      "must be a host name such as www.example.org",
    ),
});

export function domainRoutes(router: Router, parts: Parts): void {
  const { settings } = parts;
  const present = (app: App) => (domain: Domain) => presentDomain(domain, app, settings.domain);

  router.get(
    "/apps/:app/domains",
    handleList(byId, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return { rows: await listDomains(parts.database, app, settings.domain), present: present(app) };
    }),
  );
  router.get(
    "/apps/:app/domains/:domain",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "see");
      return present(app)(await findDomain(parts.database, app, settings.domain, path.domain ?? ""));
    }),
  );
  router.post(
    "/apps/:app/domains",
    handle(201, async ({ account, path, body }) => {
      const { hostname } = body(creation);
      const app = await findApp(parts.database, account, path.app ?? "", "reshape");
      const domain = await addDomain(parts, app, hostname);
      parts.lines.say(app.id, `Add domain ${hostname} by user ${account.email}`);
      return present(app)(domain);
    }),
  );
  router.delete(
    "/apps/:app/domains/:domain",
    handle(200, async ({ account, path }) => {
      const app = await findApp(parts.database, account, path.app ?? "", "reshape");
      const domain = await findDomain(parts.database, app, settings.domain, path.domain ?? "");
      if (domain.kind === "heroku") throw new Problem("forbidden", `${domain.hostname} is the app's own and stays.`);
      await parts.database.query("delete from domains where id = $1", [domain.id]);
      parts.lines.say(app.id, `Remove domain ${domain.hostname} by user ${account.email}`);
      return present(app)(domain);
    }),
  );
}

async function listDomains(queries: Queries, app: App, platformDomain: string): Promise<Domain[]> {
  const rows = await queries.query<{ id: string; hostname: string; created_at: Date }>(
    "select id, hostname, created_at from domains where app_id = $1 order by hostname",
    [app.id],
  );
  const own: Domain = {
    id: constantId("domain", app.id),
    hostname: `${app.name}.${platformDomain}`,
    kind: "heroku",
    createdAt: app.createdAt,
  };
  return [
    own,
    ...rows.map(({ id, hostname, created_at: createdAt }): Domain => ({ id, hostname, kind: "custom", createdAt })),
  ];
}

async function findDomain(queries: Queries, app: App, platformDomain: string, identity: string): Promise<Domain> {
  const domains = await listDomains(queries, app, platformDomain);
  const found = domains.find(({ id, hostname }) => id === identity || hostname === identity.toLowerCase());
  if (found === undefined) throw new Problem("not_found", "Couldn't find that domain name.", { resource: "domain" });
  return found;
}

/** @throws Problem invalid_params when another app has it, or it lies under the platform's own domain. */
async function addDomain({ database, settings }: Parts, app: App, hostname: string): Promise<Domain> {
  const bare = hostname.replace(/^\*\./, "");
  if (bare === settings.domain || bare.endsWith(`.${settings.domain}`)) {
    throw new Problem("invalid_params", `${hostname} belongs to the platform.`);
  }
  try {
    return await database.transaction(async (queries) => {
      await lockApp(queries, app.id);
      const [count] = await queries.query("select count(*) as domains from domains where app_id = $1", [app.id]);
      if (Number(count?.domains) >= limits.domainsPerApp) {
        throw new Problem("invalid_params", `An app has at most ${limits.domainsPerApp} domains.`);
      }
      const id = randomUUID();
      const [row] = await queries.query<{ created_at: Date }>(
        "insert into domains (id, app_id, hostname) values ($1, $2, $3) returning created_at",
        [id, app.id, hostname],
      );
      return { id, hostname, kind: "custom", createdAt: row?.created_at ?? new Date() };
    });
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    throw new Problem("invalid_params", `${hostname} is already added to an app.`, { cause: error });
  }
}

function presentDomain(domain: Domain, app: App, platformDomain: string): Record<string, unknown> {
  return {
    acm_status: null,
    acm_status_reason: null,
    app: presentAppReference(app),
    cname: domain.kind === "heroku" ? null : `${app.name}.${platformDomain}`,
    created_at: isoTime(domain.createdAt),
    hostname: domain.hostname,
    id: domain.id,
    kind: domain.kind,
    sni_endpoint: null,
    status: domain.kind === "heroku" ? "none" : "succeeded",
    updated_at: isoTime(domain.createdAt),
  };
}
