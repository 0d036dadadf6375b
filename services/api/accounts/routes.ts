import type { Router } from "express";
import { Problem } from "../../kernel/problem.ts";
import { type Call, handle } from "../http/handle.ts";
import { isoTime } from "../present.ts";
import type { Account } from "./account.ts";

export function accountRoutes(router: Router): void {
  router.get(
    "/account",
    handle(200, async ({ account }) => presentAccount(account)),
  );
  router.get(
    "/users/:user",
    handle(200, async (call) => {
      requireSelf(call);
      return presentAccount(call.account);
    }),
  );
}

/** `~`, the own id or the own address: nobody sees another's account. @throws Problem not_found. */
export function requireSelf({ account, path }: Call): void {
  if (path.user === "~" || path.user === account.id || path.user === account.email) return;
  throw new Problem("not_found", "Couldn't find that user.", { resource: "user" });
}

function presentAccount(account: Account): Record<string, unknown> {
  return {
    allow_tracking: false,
    beta: false,
    country_of_residence: null,
    created_at: isoTime(account.createdAt),
    default_organization: null,
    default_team: null,
    delinquent_at: null,
    email: account.email,
    federated: false,
    id: account.id,
    identity_provider: null,
    last_login: null,
    name: account.name,
    sms_number: null,
    suspended_at: null,
    two_factor_authentication: false,
    updated_at: isoTime(account.updatedAt),
    verified: true,
  };
}
