import type { App } from "../apps/app.ts";
import { presentAppReference } from "../apps/present.ts";
import { isoTime } from "../present.ts";
import type { Release } from "./release.ts";

export function presentRelease(release: Release, app: App): Record<string, unknown> {
  return {
    addon_plan_names: [],
    app: presentAppReference(app),
    artifacts: release.slugId === null ? [] : [{ type: "slug", id: release.slugId }],
    created_at: isoTime(release.createdAt),
    current: release.isCurrent,
    description: release.description,
    eligible_for_rollback: release.slugId !== null && release.status === "succeeded",
    id: release.id,
    oci_image: null,
    // There is no release phase yet, so no release has an output of its own.
    output_stream_url: null,
    slug: release.slugId === null ? null : { id: release.slugId },
    status: release.status,
    updated_at: isoTime(release.updatedAt),
    user: { email: release.account.email, id: release.account.id },
    version: release.version,
  };
}
