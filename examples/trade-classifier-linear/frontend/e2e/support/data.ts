import { readdirSync, readFileSync } from "node:fs";

type Row = Record<string, string>;

/** Columns of the file are called otherwise than the fields of the task, as in most files. */
export const COLUMNS: Record<string, string> = { text: "statement", label: "trade" };
export const columnOf = (field: string) => COLUMNS[field] ?? `my_${field}`;

/** Rows of E2E_DATA, or of the sample that came with a model of the project. */
export function readRows(file = process.env.E2E_DATA ?? sample()): Row[] {
  return readFileSync(file, "utf8").trim().split("\n").map(parse);
}

export function csv(rows: Row[]): string {
  const fields = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => fields.map((field) => quoted(row[field] ?? "")).join(","));
  return [fields.map(columnOf).join(","), ...lines, ""].join("\n");
}

export const file = (name: string, content: string) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(content),
});

function sample(): string {
  const models = readdirSync("../ml").filter((name) => name !== "core");
  return `../ml/${models[0]}/data/sample.jsonl`;
}

function parse(line: string): Row {
  const row: Record<string, unknown> = JSON.parse(line);
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, String(value)]));
}

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
