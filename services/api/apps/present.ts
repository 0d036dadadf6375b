import { region, stackNamed } from "../catalogue/constants.ts";
import type { Links } from "../http/links.ts";
import { isoTime } from "../present.ts";
import type { App } from "./app.ts";

export function presentApp(app: App, links: Links): Record<string, unknown> {
  const stack = stackNamed(app.stack);
  return {
    acm: false,
    archived_at: null,
    build_stack: stack,
    buildpack_provided_description: null,
    create_status: "complete",
    created_at: isoTime(app.createdAt),
    generation: "cedar",
    git_url: links.git(app.name),
    id: app.id,
    internal_routing: null,
    maintenance: app.maintenance,
    name: app.name,
    organization: null,
    owner: { email: app.owner.email, id: app.owner.id },
    process_tier: "basic",
    region: { id: region.id, name: region.name },
    released_at: app.releasedAt === null ? null : isoTime(app.releasedAt),
    repo_size: null,
    slug_size: app.slugBytes,
    space: null,
    stack,
    system: app.system,
    team: null,
    updated_at: isoTime(app.updatedAt),
    web_url: links.app(app.name),
  };
}

/** How other resources name the app they belong to. */
export function presentAppReference(app: App): { id: string; name: string } {
  return { id: app.id, name: app.name };
}
