import { z } from "zod";

const urn = "urn:buildpack:";

/** A buildpack as people write it, an http(s) URL or `heroku/nodejs`, as the URL that is stored. */
export const buildpackUrl = z
  .string()
  .max(1000)
  .transform((text, context) => {
    const name = text.startsWith(urn) ? text.slice(urn.length) : text;
    if (/^[a-z0-9][a-z0-9-]{0,49}\/[a-z0-9][a-z0-9-]{0,49}$/.test(name)) return `${urn}${name}`;
    const url = URL.parse(text);
    if (url !== null && /^https?:$/.test(url.protocol) && /^[\x21-\x7e]+$/.test(text)) return text;
    context.issues.push({ code: "custom", message: "must be a URL or a name such as heroku/nodejs", input: text });
    return z.NEVER;
  });

export function presentBuildpack(url: string): { url: string; name: string } {
  return { url, name: url.startsWith(urn) ? url.slice(urn.length) : url };
}
