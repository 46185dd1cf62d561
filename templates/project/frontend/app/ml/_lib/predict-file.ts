import { parseCsv } from "./inputs-csv";
import type { Property } from "./inputs-schema";

const HEAD = 256 * 1024; // bytes that are looked at
const SHOWN = 5; // rows
const MARKS: [string, string][] = [
  ["PK", "an Excel workbook or a ZIP archive: save the sheet as CSV"],
  ["\xd0\xcf", "an Excel workbook: save the sheet as CSV"],
  ["%PDF", "a PDF: save its table as CSV"],
  ["\x1f\x8b", "compressed: unpack it"],
  ["PAR1", "a Parquet file: save it as CSV"],
];

/** The beginning of a table; a column without a name is blank. */
export type Head = { columns: string[]; rows: string[][] };
/** Column for each property; blank where none is given. */
export type Mapping = Record<string, string>;

/** @throws An error whose message says why the file is no table. */
export async function readHead(file: File): Promise<Head> {
  const text = decoded(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  if (!text.trim()) throw new Error("The file is empty.");
  const [names = [], ...rows] = parseCsv(text);
  const columns = names.map((name) => name.trim());
  const twice = columns.find((name, place) => name && columns.indexOf(name) !== place);
  if (twice) throw new Error(`The column "${twice}" occurs twice: rename one of them.`);
  if (!rows.length) throw new Error("The file has a line of names, and no row below it.");
  const whole = file.size > HEAD ? rows.slice(0, -1) : rows;
  return { columns, rows: whole.slice(0, SHOWN) };
}

/** The columns that are called as the properties are; the only one for the only one. */
export function guessMapping(properties: Property[], columns: string[]): Mapping {
  const required = properties.filter(({ isRequired }) => isRequired);
  const only = required.length === 1 && columns.length === 1 ? columns[0] : undefined;
  return Object.fromEntries(
    properties.map(({ name, title, isRequired }) => {
      const names = [name, title].map((word) => word.toLowerCase());
      const found = columns.find((column) => names.includes(column.toLowerCase()));
      return [name, found ?? (isRequired && only) ?? ""].map((part) => part || "");
    }),
  );
}

/** What is not given a column, though the model needs it. */
export function missingIn(mapping: Mapping, properties: Property[]): Property[] {
  return properties.filter(({ name, isRequired }) => isRequired && !mapping[name]);
}

/** As the API takes it: nothing for what is left out. */
export function columnsOf(mapping: Mapping): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, column]) => column));
}

function decoded(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  const kind = MARKS.find(([mark]) => start.startsWith(mark))?.[1];
  if (kind) throw new Error(`The file is ${kind}.`);
  try {
    const isWhole = bytes.length < HEAD; // else its last character may be half there
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole });
  } catch {
    throw new Error("The file is not in UTF-8: save it as CSV in UTF-8.");
  }
}
