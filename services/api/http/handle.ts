import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import { Problem } from "../../kernel/problem.ts";
import type { Account } from "../accounts/account.ts";
import type { Links } from "./links.ts";
import { type Attributes, page, parseRange } from "./range.ts";

/** A request after the edge: who asks, for what, with what. */
export interface Call {
  readonly account: Account;
  /** Named parts of the path, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly links: Links;
  /** The body by a schema; unknown fields are left out, as Heroku does. @throws Problem invalid_params. */
  body<T>(schema: z.ZodType<T>): T;
  /** Aborts when the client has gone. */
  readonly gone: AbortSignal;
}

export interface Caller {
  readonly account: Account;
  readonly links: Links;
}

/** A route that answers one thing. */
export function handle(status: number, operation: (call: Call) => Promise<unknown>): RequestHandler {
  return async (request, response) => {
    const answer = await operation(callOf(request, response));
    response.status(status).json(answer);
  };
}

/** A route that answers a list, in pages when it is asked so or long. */
export function handleList<T>(
  attributes: Attributes<T>,
  operation: (call: Call) => Promise<{ readonly rows: readonly T[]; present(row: T): unknown }>,
): RequestHandler {
  return async (request, response) => {
    const range = request.method === "GET" ? parseRange(request.headers.range) : undefined;
    const { rows, present } = await operation(callOf(request, response));
    const { items, contentRange, nextRange } = page(rows, attributes, range);
    response.setHeader("accept-ranges", Object.keys(attributes).join(", "));
    if (contentRange !== undefined) response.setHeader("content-range", contentRange);
    if (nextRange !== undefined) response.setHeader("next-range", nextRange);
    response.status(nextRange === undefined ? 200 : 206).json(items.map(present));
  };
}

function callOf(request: Request, response: Response): Call {
  const { account, links } = response.locals as Caller;
  const left = new AbortController();
  response.on("close", () => left.abort());
  return {
    account,
    links,
    path: request.params as Record<string, string>,
    query: request.query,
    gone: left.signal,
    body: (schema) => parse(schema, request.body ?? {}),
  };
}

/** Text that ends up in logs and terminals: one line, without control characters. */
export function printable(charactersMax: number) {
  return z
    .string()
    .max(charactersMax)
    .regex(/^\P{Cc}*$/u, "cannot contain control characters");
}

/** @throws Problem invalid_params that names the field and what is wrong with it. */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join(".") ?? "";
  throw new Problem("invalid_params", `${field === "" ? "The request" : field}: ${issue?.message ?? "is invalid"}`);
}
