/** How one part of the suite ended, as far as it can be told. */
export interface PartResult {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Counts what vitest's JSON report says. A part that ends badly without a failed test (no report, a broken set-up, a test file that
 * cannot be loaded, a time limit) counts as one failure: nothing that went wrong may add up to zero.
 * @param reportText undefined where there is no report.
 */
export function partResult(reportText: string | undefined, exitStatus: number): PartResult {
  const report = parse(reportText);
  const passed = count(report.numPassedTests);
  const failed = count(report.numFailedTests);
  return { passed, failed: failed === 0 && exitStatus !== 0 ? 1 : failed };
}

/** The last line of `npm test`. */
export function summaryLine(results: readonly PartResult[]): string {
  const sum = (of: keyof PartResult) => results.reduce((total, result) => total + result[of], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed`;
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
