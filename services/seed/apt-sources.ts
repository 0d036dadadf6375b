/** One entry of an apt source list, either format. */
interface Source {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
}

/**
 * Debian's own entries among the host's apt sources, so that a host with a mirror or a company's proxy makes its image from there.
 * Other vendors' repositories are passed over: an image for everybody holds Debian's packages only.
 * @param files texts of sources.list and of the files in sources.list.d, by name.
 * @returns one-line `deb` entries; none when the host has none of this release.
 */
export function debianSources(files: Readonly<Record<string, string>>, release: string): string[] {
  const suites = new Set([release, `${release}-updates`, `${release}-security`]);
  const sources = Object.entries(files)
    .filter(([name]) => name.endsWith(".list") || name.endsWith(".sources"))
    .flatMap(([name, text]) => (name.endsWith(".sources") ? parseStanzas(text) : parseLines(text)));
  const kept = sources.filter(
    (source) =>
      suites.has(source.suite) && source.components.includes("main") && /^https?:\/\/[^\s[\]]+$/.test(source.uri),
  );
  const hasBase = kept.some((source) => source.suite === release);
  return hasBase ? [...new Set(kept.map((source) => `deb ${source.uri} ${source.suite} main`))] : [];
}

function parseLines(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*/, "").trim());
    const [, uri, suite, components] = match ?? [];
    return uri === undefined || suite === undefined || components === undefined
      ? []
      : [{ uri, suite, components: components.split(/\s+/) }];
  });
}

/** deb822: stanzas of `Field: value`, parted by blank lines; a line that begins with a blank continues the field. */
function parseStanzas(text: string): Source[] {
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n")
    .split(/\n[ \t]*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string[]>();
      for (const match of stanza.replace(/\n[ \t]+/g, " ").matchAll(/^([A-Za-z-]+):(.*)$/gm)) {
        fields.set((match[1] ?? "").toLowerCase(), (match[2] ?? "").trim().split(/\s+/));
      }
      const get = (name: string) => fields.get(name) ?? [];
      if (!get("types").includes("deb") || get("enabled")[0] === "no") return [];
      return get("uris").flatMap((uri) =>
        get("suites").map((suite) => ({ uri, suite, components: get("components") })),
      );
    });
}

/**
 * The host's apt settings that decide whether it gets anything at all: proxies, and how it checks dates.
 * @param dump what \`apt-config dump\` prints.
 */
export function aptOptions(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) =>
      /^Acquire::(?:(?:http|https)::Proxy[\w:.-]*|Check-Valid-Until|Check-Date|Retries) "[^"]*";$/i.test(line),
    )
    .filter((line) => !line.endsWith('"";'));
}
