import { type ErrorCode, routerError } from "./router-errors.ts";

/** All that is said about one request in the app's log. */
export interface RequestRecord {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly requestId: string;
  /** X-Forwarded-For as the app saw it. */
  readonly forwardedFor: string;
  /** "" when none was reached. */
  readonly dyno: string;
  readonly connectMs: number | undefined;
  readonly serviceMs: number | undefined;
  /** undefined when no status was sent. */
  readonly status: number | undefined;
  /** Bytes of the answer's body. */
  readonly bytes: number;
  readonly protocol: "http" | "https";
  readonly error: { readonly code: ErrorCode; readonly cause: string | undefined } | undefined;
}

/** Heroku's router line. */
export function formatRequestLine(record: RequestRecord): string {
  return (
    `${head(record.error)} method=${record.method} path="${quoted(record.target)}" host=${record.host}` +
    ` request_id=${record.requestId} fwd="${quoted(record.forwardedFor)}" dyno=${record.dyno}` +
    ` connect=${milliseconds(record.connectMs)} service=${milliseconds(record.serviceMs)}` +
    ` status=${record.status ?? ""} bytes=${record.bytes} protocol=${record.protocol}`
  );
}

function head(failure: RequestRecord["error"]): string {
  if (failure === undefined) return "at=info";
  const error = routerError(failure.code);
  const side = error.side === undefined ? "" : `sock=${error.side} `;
  const isRestriction = failure.code === "H25" && failure.cause !== undefined;
  const description = isRestriction ? `${error.description}: ${failure.cause}` : error.description;
  const cause = failure.cause === undefined || isRestriction ? "" : ` cause="${failure.cause}"`;
  return `${side}at=${error.level} code=${failure.code} desc="${description}"${cause}`;
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? "" : `${Math.round(value)}ms`;
}

/** Quotes inside would end the value; the rest of what a head may hold is harmless in a line. */
function quoted(text: string): string {
  return text.includes('"') ? text.replaceAll('"', "%22") : text;
}
