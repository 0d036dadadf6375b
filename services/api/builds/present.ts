import { signPath } from "../../kernel/signed-url.ts";
import { presentBuildpack } from "../buildpacks/present.ts";
import type { Links } from "../http/links.ts";
import { limits } from "../limits.ts";
import type { Parts } from "../parts.ts";
import { isoTime } from "../present.ts";
import { signSource, sourceAddressOf } from "../sources/address.ts";
import type { Build } from "./build.ts";

/** `failure_message` and `promotion` are extensions of ours. */
export function presentBuild(
  build: Build,
  links: Links,
  { settings }: Pick<Parts, "settings">,
): Record<string, unknown> {
  const now = hourOf(new Date());
  const address = sourceAddressOf(build.sourceUrl);
  return {
    app: { id: build.appId },
    buildpacks: build.buildpacks.map(presentBuildpack),
    created_at: isoTime(build.createdAt),
    failure_message: build.message,
    id: build.id,
    output_stream_url: links.platform(
      signPath(
        settings.logsKey,
        `/_logs/output/${build.id}`,
        {},
        new Date(now.getTime() + limits.outputUrlSeconds * 1000),
      ),
    ),
    promotion: build.promotionId === null ? null : { id: build.promotionId },
    release: build.releaseId === null ? null : { id: build.releaseId },
    slug: build.slugId === null ? null : { id: build.slugId },
    source_blob: {
      checksum: build.sourceDigest?.replace("sha256:", "SHA256:") ?? null,
      url: address === undefined ? build.sourceUrl : links.platform(signSource(settings.tokenKey, address, "get", now)),
      version: build.sourceVersion,
      version_description: null,
    },
    stack: build.stack,
    status: build.status,
    updated_at: isoTime(build.updatedAt),
    user: { email: build.account.email, id: build.account.id },
  };
}

/** Signed URLs are the same for an hour, so that an unchanged build has an unchanged ETag. */
function hourOf(time: Date): Date {
  return new Date(Math.ceil(time.getTime() / 3_600_000) * 3_600_000);
}
