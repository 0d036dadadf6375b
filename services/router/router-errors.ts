/** Heroku's router errors, as far as this router raises them: https://devcenter.heroku.com/articles/error-codes */
interface RouterError {
  readonly status: number;
  readonly description: string;
  readonly level: "info" | "warning" | "error";
  /** Which side's socket broke. */
  readonly side?: "client" | "backend";
  /** What the visitor is told. */
  readonly page: "application" | "maintenance" | "blank" | "platform" | "request";
}

export type ErrorCode = keyof typeof errors;

const errors = {
  H10: { status: 503, description: "App crashed", level: "error", page: "application" },
  H11: { status: 503, description: "Backlog too deep", level: "error", page: "application" },
  H12: { status: 503, description: "Request timeout", level: "error", page: "application" },
  H13: { status: 503, description: "Connection closed without response", level: "error", page: "application" },
  H14: { status: 503, description: "No web processes running", level: "error", page: "application" },
  H15: { status: 503, description: "Idle connection", level: "error", page: "application" },
  H17: { status: 503, description: "Poorly formatted HTTP response", level: "error", page: "application" },
  H18: {
    status: 503,
    description: "Server Request Interrupted",
    level: "error",
    side: "backend",
    page: "application",
  },
  H19: { status: 503, description: "Backend connection timeout", level: "error", page: "application" },
  H20: { status: 503, description: "App boot timeout", level: "error", page: "application" },
  H21: { status: 503, description: "Backend connection refused", level: "error", page: "application" },
  H24: { status: 503, description: "Forced close", level: "error", page: "application" },
  H25: { status: 502, description: "HTTP restriction", level: "error", page: "application" },
  H26: { status: 400, description: "Request Error", level: "error", page: "request" },
  H27: { status: 499, description: "Client Request Interrupted", level: "warning", side: "client", page: "request" },
  H28: { status: 499, description: "Client Connection Idle", level: "warning", side: "client", page: "request" },
  H80: { status: 503, description: "Maintenance mode", level: "info", page: "maintenance" },
  H81: { status: 502, description: "Blank app", level: "info", page: "blank" },
  H99: { status: 503, description: "Platform error", level: "error", page: "platform" },
} as const satisfies Record<string, RouterError>;

export function routerError(code: ErrorCode): RouterError {
  return errors[code];
}
