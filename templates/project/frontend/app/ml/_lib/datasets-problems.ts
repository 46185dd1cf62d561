import type { DataProblem } from "../_api";

/** What is wrong with a row of the preview: in its cells, and with the row as a whole. */
export type RowProblems = { cells: Map<string, string[]>; whole: string[] };

/** The problems by the numbers of their rows; one of a column that is not shown is the row's. */
export function problemsByRow(
  problems: DataProblem[],
  columns: string[],
): Map<number, RowProblems> {
  const rows = new Map<number, RowProblems>();
  for (const { row, column, message } of problems) {
    if (typeof row !== "number") continue;
    const found: RowProblems = rows.get(row) ?? { cells: new Map(), whole: [] };
    rows.set(row, found);
    if (column && columns.includes(column)) {
      found.cells.set(column, [...(found.cells.get(column) ?? []), sentence(message)]);
    } else {
      found.whole.push(sentence(column ? `${column} ${message}` : message));
    }
  }
  return rows;
}

/** Messages follow the place that they are about; alone, they start as a sentence does. */
export function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
