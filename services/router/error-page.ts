import { type ErrorCode, routerError } from "./router-errors.ts";

const pages = {
  application: [
    "Application error",
    "An error occurred in the application and your page could not be served. If you are the application owner, look at its logs: <code>quine logs --tail</code>",
  ],
  maintenance: ["Offline for maintenance", "This application is undergoing maintenance. Please check back later."],
  blank: ["Nothing here yet", "This app has not been deployed yet."],
  platform: ["Platform error", "The platform could not serve this request. Please try again."],
  request: ["Bad request", "The request could not be understood."],
  missing: [
    "No such app",
    "There is no app configured at that hostname. Perhaps the app owner has renamed it, or you mistyped the URL.",
  ],
} as const;

const reasons: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  502: "Bad Gateway",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

interface Answer {
  readonly status: number;
  readonly now: Date;
  readonly isHead: boolean;
  /** Say that the connection ends with this answer. */
  readonly isClose: boolean;
}

/** The whole answer to a request that met a router error. Holds nothing of the request, so nothing can be injected. */
export function errorAnswer(code: ErrorCode, answer: Answer): string {
  return render(routerError(code).page, code, answer);
}

/** The answer when no app has the host. */
export function missingAnswer(answer: Answer): string {
  return render("missing", undefined, answer);
}

/** The answer to what is not a request (408, 414, 431, 505, …). */
export function refusalAnswer(answer: Answer): string {
  return render("request", undefined, answer);
}

function render(name: keyof typeof pages, code: ErrorCode | undefined, answer: Answer): string {
  const [title, text] = pages[name];
  const body = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem;color:#333}</style></head>
<body><h1>${title}</h1><p>${text}</p>${code === undefined ? "" : `<p><small>${code}</small></p>`}</body>
</html>
`;
  const lines = [
    `HTTP/1.1 ${answer.status} ${reasons[answer.status] ?? "Error"}`,
    `Date: ${answer.now.toUTCString()}`,
    "Content-Type: text/html; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Cache-Control: no-cache, no-store",
    ...(answer.status === 405 ? ["Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"] : []),
    ...(answer.isClose ? ["Connection: close"] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${answer.isHead ? "" : body}`;
}
