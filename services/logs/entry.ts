/** One line of an intake body, parsed. */
export type Entry =
  | {
      readonly kind: "app";
      readonly appId: string;
      /** RFC 3339 with microseconds and `+00:00`, as Heroku prints it. */
      readonly at: string;
      readonly source: "app" | "heroku";
      readonly process: string;
      readonly message: string;
    }
  | { readonly kind: "build"; readonly buildId: string; readonly message: string }
  | { readonly kind: "build-end"; readonly buildId: string };

/**
 * Strict about what it uses, silent about fields it does not know: a newer sender may say more, and its lines should not be lost.
 * @returns the entry, or why it is refused.
 */
export function parseEntry(json: string): Entry | { readonly kind: "refused"; readonly because: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse("no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("no object");
  const fields = value as Readonly<Record<string, unknown>>;
  const channel = /^(app|build):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text(fields.channel));
  if (channel === null) return refuse("channel");
  const [, kind, id = ""] = channel;

  if (kind === "build") {
    if (fields.end === true) return { kind: "build-end", buildId: id };
    if (typeof fields.line !== "string") return refuse("line");
    return { kind: "build", buildId: id, message: fields.line };
  }

  const at = instant(text(fields.at));
  if (at === undefined) return refuse("at");
  if (fields.source !== "app" && fields.source !== "heroku") return refuse("source");
  const process = text(fields.process);
  if (!/^[A-Za-z0-9_-]{1,64}(\.[0-9]{1,10})?$/.test(process)) return refuse("process");
  if (typeof fields.line !== "string") return refuse("line");
  return { kind: "app", appId: id, at, source: fields.source, process, message: fields.line };
}

function refuse(because: string) {
  return { kind: "refused", because } as const;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** UTC only, one to nine digits of a second: brought to six and `+00:00`. */
function instant(value: string): string | undefined {
  const parts = /^(\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/.exec(value);
  return parts === null ? undefined : `${parts[1]}.${(parts[2] ?? "").slice(0, 6).padEnd(6, "0")}+00:00`;
}
