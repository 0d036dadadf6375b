import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

interface Link {
  readonly method: string;
  readonly href: string;
  readonly targetSchema?: unknown;
}

/** The Platform API's own JSON hyper-schema (test/api/heroku-schema.json, MIT), made readable to a validator of today. */
const document = readable(JSON.parse(readFileSync(new URL("./heroku-schema.json", import.meta.url), "utf8"))) as {
  definitions: Record<string, { links?: Link[] }>;
};
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ ...document, $id: "heroku" });
const compiled = new Map<string, ValidateFunction>();

/**
 * What is wrong with a reply to `METHOD /path/{}` by the schema's targetSchema of that link; empty when nothing is.
 * @throws Error when the schema has no such link.
 */
export function violations(link: string, body: unknown): string[] {
  const validate = compiled.get(link) ?? compile(link);
  compiled.set(link, validate);
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => `${link} ${error.instancePath} ${error.message}`);
}

function compile(link: string): ValidateFunction {
  for (const [name, { links = [] }] of Object.entries(document.definitions)) {
    for (const [index, { method, href, targetSchema }] of links.entries()) {
      if (targetSchema === undefined) continue;
      if (`${method.toUpperCase()} ${decodeURIComponent(href).replace(/\{[^}]*\}/g, "{}")}` !== link) continue;
      return ajv.compile({ $ref: `heroku#/definitions/${name}/links/${index}/targetSchema` });
    }
  }
  throw new Error(`the schema has no link ${link}`);
}

/** Drops what fits Heroku's own hosts alone (URL patterns), what forbids our extensions, and draft-4 leftovers. */
function readable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(readable);
  if (typeof node !== "object" || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => {
    if (key === "strictProperties" || key === "$schema") return false;
    if (key === "id" && typeof value === "string") return false;
    return !(key === "pattern" && typeof value === "string" && /heroku(app)?\\\.com/.test(value));
  });
  return Object.fromEntries(
    kept.map(([key, value]) =>
      key === "$ref" && typeof value === "string"
        ? [key, value.replace("dyno_size", "dyno-size")]
        : [key, readable(value)],
    ),
  );
}
