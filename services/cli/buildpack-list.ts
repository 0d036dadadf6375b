import { type Api, path } from "./api.ts";
import { UsageProblem } from "./usage-problem.ts";

/** An app's buildpacks in their order. */
export async function readBuildpacks(api: Api, app: string): Promise<string[]> {
  const installations = await api.list(path`/apps/${app}/buildpack-installations`);
  return installations
    .sort((a, b) => a.number("ordinal") - b.number("ordinal"))
    .map((one) => (one.inner("buildpack")?.text("url") ?? "").replace(/^urn:buildpack:/, ""));
}

export async function writeBuildpacks(api: Api, app: string, buildpacks: readonly string[]): Promise<void> {
  await api.send("PUT", path`/apps/${app}/buildpack-installations`, {
    updates: buildpacks.map((buildpack) => ({ buildpack })),
  });
}

/** Lines for people: the one, or a numbered list. */
export function listed(buildpacks: readonly string[]): string[] {
  return buildpacks.length === 1 ? [...buildpacks] : buildpacks.map((one, index) => `${index + 1}. ${one}`);
}

/** The list with one added, at place `index` (from 1) or last. @throws UsageProblem when it is there already. */
export function withAdded(list: readonly string[], added: string, index: number | undefined): string[] {
  if (list.includes(added)) throw new UsageProblem(`${added} is one of the app's buildpacks already.`);
  return list.toSpliced((index ?? list.length + 1) - 1, 0, added);
}

/** The list with place `index` (from 1) replaced. @throws UsageProblem when it is there already. */
export function withSet(list: readonly string[], wanted: string, index: number): string[] {
  if (list.includes(wanted)) throw new UsageProblem(`${wanted} is one of the app's buildpacks already.`);
  return list.toSpliced(index - 1, 1, wanted);
}

/** The list without one, by name or place. @throws UsageProblem when there is no such one. */
export function withRemoved(list: readonly string[], removed: string | number): string[] {
  const place = typeof removed === "number" ? removed - 1 : list.indexOf(removed);
  if (list[place] === undefined) {
    throw new UsageProblem(
      `The app has no such buildpack: ${typeof removed === "number" ? `number ${removed}` : removed}.`,
    );
  }
  return list.toSpliced(place, 1);
}
