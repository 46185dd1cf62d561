import { faultOf, isBlank } from "./inputs-check";
import { isNumeric, isScalar, type Property } from "./inputs-schema";
import { isObject } from "./objects";

/** The row of a table, cell by cell; a list of plain values has the one column "". */
export type Cells = Record<string, string>;
/** What stands in a form before it is read: text, a list, or a table. */
export type Draft = string | string[] | Cells[];
export type Drafts = Record<string, Draft>;
/** By the place of what is wrong: "text", or "points.3.value". */
export type Faults = Record<string, string>;
export type Reading = { value: Record<string, unknown>; faults: Faults };

const MISSING = "Fill this in.";
const UNCHOSEN = "Choose one.";
const NOT_A_NUMBER = "Write a number, such as 3.5.";
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/** What a form says, as JSON; what is wrong in it, place by place. */
export function readInput(properties: Property[], drafts: Drafts): Reading {
  const faults: Faults = {};
  const value = readObject(properties, drafts, "", faults);
  return { value, faults };
}

/** The form that says `value`. */
export function draftsOf(properties: Property[], value: Record<string, unknown>): Drafts {
  const given = properties.filter((property) => property.name in value);
  return Object.fromEntries(
    given.map((property) => [property.name, draftOf(property, value[property.name])]),
  );
}

/** What is nested is written as JSON: a table of it would lose what the schema does not name. */
function draftOf({ items }: Property, value: unknown): Draft {
  return Array.isArray(value) && items && isScalar(items) ? value.map(cellOf) : cellOf(value);
}

/** A list as a table; of plain values, with one column. */
export function rowsOf(draft: Draft | undefined): Cells[] {
  if (typeof draft === "string") return rowsIn(draft);
  return (draft ?? []).map((row) => (typeof row === "string" ? { "": row } : row));
}

function rowsIn(json: string): Cells[] {
  try {
    return [JSON.parse(json)].flat().filter(isObject).map(cellsOf);
  } catch {
    return [];
  }
}

const cellsOf = (row: Record<string, unknown>): Cells =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

function readObject(
  properties: Property[],
  drafts: Drafts,
  place: string,
  faults: Faults,
): Record<string, unknown> {
  const read = properties.map((property) => {
    const draft = drafts[property.name] ?? "";
    return [property.name, readProperty(property, draft, place + property.name, faults)] as const;
  });
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** Undefined where it is left out, or wrong. */
function readProperty(property: Property, draft: Draft, place: string, faults: Faults): unknown {
  if (isBlank(draft)) {
    if (!property.isRequired) return undefined;
    if (property.isNullable) return null;
    faults[place] = property.options.length ? UNCHOSEN : MISSING;
    return undefined;
  }
  const found = typeof draft === "string" ? readText(property, draft) : { value: draft };
  if ("fault" in found) {
    faults[place] = found.fault;
    return undefined;
  }
  const value =
    typeof draft === "string" ? found.value : readList(property, draft, `${place}.`, faults);
  const fault = faultOf(property, value);
  if (fault) faults[place] = fault;
  return value;
}

function readText(property: Property, text: string): { value: unknown } | { fault: string } {
  const { type, options } = property;
  if (options.length) {
    const chosen = options.find((option) => String(option) === text);
    return chosen === undefined ? { fault: "Choose one of the list." } : { value: chosen };
  }
  if (isNumeric(property)) return readNumber(text.trim());
  if (type === "string") return { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return type === "any"
      ? { value: text }
      : { fault: `Write JSON, such as ${type === "array" ? '["a", "b"]' : '{"a": 1}'}.` };
  }
}

function readNumber(text: string): { value: number } | { fault: string } {
  const number = Number(text);
  if (NUMBER.test(text) && Number.isFinite(number)) return { value: number };
  const isComma = /^[-+]?\d+,\d+$/.test(text);
  return {
    fault: isComma ? `Write ${text.replace(",", ".")}, with a point.` : NOT_A_NUMBER,
  };
}

/** Empty lines count for nothing. */
function readList(
  property: Property,
  rows: string[] | Cells[],
  place: string,
  faults: Faults,
): unknown[] {
  const { items } = property;
  if (!items) return [];
  return rowsOf(rows).flatMap((cells, index) => {
    const here = `${place}${index}`;
    if (isBlank(cells)) return [];
    const isTable = items.type === "object";
    if (isTable) return [readObject(items.properties, cells, `${here}.`, faults)];
    return [readProperty(items, (cells[""] ?? "").trim(), here, faults)];
  });
}
