import { CompileFail } from "../compile-fail.ts";

/** Where a buildpack comes from, as a person wrote it on the app. */
export type BuildpackSource =
  | { readonly kind: "bundled"; readonly name: string; readonly label: string }
  | { readonly kind: "git"; readonly url: string; readonly reference: string | undefined; readonly label: string }
  | { readonly kind: "archive"; readonly url: string; readonly label: string };

/** Folder below `buildpacks/` → the name it has in messages; in the order in which detection asks them. */
export const bundledBuildpacks = { apt: "heroku-community/apt", nodejs: "heroku/nodejs" } as const;

/**
 * `heroku/nodejs`, `urn:buildpack:heroku/nodejs`, `https://….git[#ref]`, `https://….tgz`; an address without an ending is a Git one.
 * @throws CompileFail for anything else, with the names there are.
 */
export function parseBuildpackUrl(text: string): BuildpackSource {
  const name = text.replace(/^urn:buildpack:/, "");
  const short = /^(?:heroku|heroku-community|quine)\/([a-z0-9-]+)$/.exec(name)?.[1];
  if (short !== undefined) {
    const found = Object.entries(bundledBuildpacks).find(([folder]) => folder === short);
    if (found !== undefined) return { kind: "bundled", name: found[0], label: found[1] };
    throw unknown(text);
  }
  const [address = "", reference] = text.split("#", 2);
  // Only what is fetched over the network: a path or a file: address would name places in the compile dyno.
  if (
    !/^https?:\/\/[^\s/]+\/\S+$/.test(address) ||
    (reference !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}$/.test(reference))
  )
    throw unknown(text);
  const label = withoutPassword(text);
  if (/\.(tgz|tar\.gz)(\?\S*)?$/.test(address)) return { kind: "archive", url: address, label };
  return { kind: "git", url: address, reference, label };
}

function withoutPassword(address: string): string {
  return address.replace(/^(https?:\/\/)[^/@]*@/, "$1");
}

function unknown(text: string): CompileFail {
  return new CompileFail(`There is no buildpack ${JSON.stringify(withoutPassword(text).slice(0, 200))}`, [
    `Use one of ${Object.values(bundledBuildpacks).join(", ")}, or an https address of a Git repository or a .tgz.`,
  ]);
}
