/**
 * Writes `x.js` beside every `services/**\/x.ts`, with the types blanked out: lines and columns stay, so stack traces stay true.
 * Run when the platform's slug is built (package.json, heroku-postbuild). Node could strip while it runs, but what it needs for
 * that costs some 30 MB in each of the platform's processes.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const services = fileURLToPath(new URL("../services/", import.meta.url));
const relativeImport = /(\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)\.ts"/g;

for (const file of readdirSync(services, { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".ts")) continue;
  const source = readFileSync(`${services}${file}`, "utf8");
  const stripped = stripTypeScriptTypes(source, { mode: "strip" }).replace(relativeImport, '$1"$2.js"');
  writeFileSync(`${services}${file.slice(0, -".ts".length)}.js`, stripped);
}
