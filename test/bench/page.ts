import { type Measured, median, ratio } from "./samples.ts";

/** One heading of docs/benchmarks.md. */
export interface Section {
  readonly title: string;
  /** What is measured, from where to where, and against what. */
  readonly about: string;
  readonly unit: "ms" | "s" | "MB";
  readonly rows: readonly Measured[];
  /** "A as a multiple of B", with the aim it is held against by a reader; never asserted. */
  readonly ratios: readonly { readonly ours: string; readonly to: string; readonly aim: string }[];
  /** A sentence each, after the table. */
  readonly notes: readonly string[];
}

export function sectionText(section: Section): string {
  const digits = section.unit === "s" ? 2 : section.unit === "ms" ? 0 : 1;
  const figure = (value: number) => value.toFixed(digits);
  const samplesOf = (name: string) => section.rows.find((row) => row.name === name)?.samples ?? [];
  return [
    `## ${section.title}`,
    "",
    section.about,
    "",
    `| | median ${section.unit} | least | most | n |`,
    "|---|---:|---:|---:|---:|",
    ...section.rows.map(
      ({ name, samples }) =>
        `| ${name} | ${figure(median(samples))} | ${figure(Math.min(...samples))} | ${figure(Math.max(...samples))} | ${samples.length} |`,
    ),
    ...section.ratios.map(({ ours, to, aim }) => {
      const times = ratio(samplesOf(ours), samplesOf(to));
      return `\n**${ours} ÷ ${to} = ${times.of.toFixed(2)}** (${times.least.toFixed(2)} to ${times.most.toFixed(2)} by round; ${aim})`;
    }),
    ...section.notes.map((note) => `\n${note}`),
    "",
  ].join("\n");
}

/** The page with these sections in the place of those of the same title; sections that were not measured this time stay. */
export function updatedPage(page: string, machine: string, sections: readonly Section[]): string {
  const [, ...former] = page.split(/^(?=## )/m);
  const byTitle = new Map(former.map((text) => [/^## (.*)$/m.exec(text)?.[1] ?? "", `${text.trimEnd()}\n`]));
  for (const section of sections) byTitle.set(section.title, `${sectionText(section)}\nMeasured on ${machine}.\n`);
  return `${introduction}\n${[...byTitle.values()].join("\n")}`;
}

const introduction = `# Figures

Written by \`npm run bench\`. Each table's rows were measured in alternating rounds of one run; the ratios are what counts, the times are this
machine's. Nothing here is asserted by a test.
`;
