import { delimiterOf, parseCsv } from "./inputs-csv";
import type { Cells } from "./inputs-read";
import { isNumeric, type Property } from "./inputs-schema";

/** The list of points among the properties: of numbers, or of objects that have one. */
export function seriesOf(properties: Property[]): Property | undefined {
  return properties.find(
    ({ type, items }) =>
      type === "array" && items && (isNumeric(items) || items.properties.some(isNumeric)),
  );
}

/** The columns of a table of points; a plain list of numbers has one. */
export function columnsOf(series: Property): Property[] {
  const { items } = series;
  if (!items) return [];
  return items.type === "object" ? items.properties : [items];
}

/** What a spreadsheet or a CSV file puts on the clipboard, with or without a line of names. */
export function pointsOf(text: string, columns: Property[]): Cells[] {
  const delimiter = delimiterOf(text);
  const table = parseCsv(text, delimiter).map((row) => row.map((cell) => cell.trim()));
  const names = table[0] ?? [];
  const places = columns.map((column, place) => placeOf(column, names) ?? place);
  const hasNames = columns.some((column, at) => isName(column, names[places[at] ?? at] ?? ""));
  return table.slice(hasNames ? 1 : 0).map((row) =>
    Object.fromEntries(
      columns.map((column, at) => {
        const cell = row[places[at] ?? at] ?? "";
        return [column.name, isNumeric(column) ? numberCell(cell, delimiter) : cell];
      }),
    ),
  );
}

/** The numbers of the first column that has any, for a picture of them. */
export function valuesOf(points: Cells[], columns: Property[]): number[] {
  const column = columns.find(isNumeric);
  if (!column) return [];
  const cells = points.map((point) => (point[column.name] ?? "").trim());
  return cells.filter(Boolean).map(Number).filter(Number.isFinite);
}

function placeOf(column: Property, names: string[]): number | undefined {
  const place = names.findIndex((name) => name.toLowerCase() === column.name.toLowerCase());
  return place < 0 ? undefined : place;
}

const isName = (column: Property, cell: string) =>
  isNumeric(column) && cell !== "" && !/^[-+]?[\d.,]/.test(cell);

/** A decimal comma, where the comma does not part the cells. */
function numberCell(cell: string, delimiter: string): string {
  return delimiter !== "," && /^[-+]?\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell;
}
