/** Rows in columns, each as wide as its widest cell; the last is not padded. `paint` colours a padded cell. */
export function table(
  rows: readonly (readonly string[])[],
  paint: (cell: string, column: number, row: number) => string = (cell) => cell,
): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of clean) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return clean.map((row, index) =>
    row
      .map((cell, column) => {
        const isLast = column === row.length - 1;
        return paint(isLast ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)), column, index);
      })
      .join("  "),
  );
}

/** `Key:   value` lines; entries without a value are left out. */
export function keyValues(
  entries: readonly (readonly [string, string | undefined])[],
  paintKey: (key: string) => string,
): string[] {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(0, ...shown.map(([key]) => widthOf(key) + 1));
  return shown.map(([key, value]) => {
    const text = printable(key);
    return `${paintKey(`${text}:`)}${" ".repeat(width - widthOf(text))}${value}`;
  });
}

/** What others named may hold what moves a cursor: that is not printed. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\ufffd");
}

function widthOf(text: string): number {
  return [...text].length;
}
