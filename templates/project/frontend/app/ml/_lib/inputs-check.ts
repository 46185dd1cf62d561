import { count, plural } from "./format";
import { limitOf, type Property, textOf } from "./inputs-schema";
import { isObject } from "./objects";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[-+]\d{2}:?\d{2})?)?$/;

export function isBlank(draft: unknown): boolean {
  if (typeof draft === "string") return !draft.trim();
  if (Array.isArray(draft)) return draft.every(isBlank);
  return isObject(draft) && Object.values(draft).every(isBlank);
}

/** The first reason why a value cannot be sent, in words; null where the schema takes it. */
export function faultOf(property: Property, value: unknown): string | null {
  if (property.options.length) return null;
  if (typeof value === "number") return faultOfNumber(property, value);
  if (typeof value === "string") return faultOfText(property, value);
  if (Array.isArray(value)) return faultOfList(property, value);
  if (property.type === "array") return 'Write a list, such as ["a", "b"].';
  if (property.type === "object" && !isObject(value)) return 'Write an object, such as {"a": 1}.';
  return null;
}

/** Code points, as JSON schema counts, where a text can be too long at all. */
export function lengthOf(text: string): number {
  return [...text].length;
}

function faultOfNumber(property: Property, value: number): string | null {
  const [min, max] = [limitOf(property, "minimum"), limitOf(property, "maximum")];
  const above = limitOf(property, "exclusiveMinimum");
  const below = limitOf(property, "exclusiveMaximum");
  const step = limitOf(property, "multipleOf");
  if (property.type === "integer" && !Number.isInteger(value)) return "Write a whole number.";
  if (min !== undefined && value < min) return `Write at least ${count(min)}.`;
  if (max !== undefined && value > max) return `Write at most ${count(max)}.`;
  if (above !== undefined && value <= above) return `Write more than ${count(above)}.`;
  if (below !== undefined && value >= below) return `Write less than ${count(below)}.`;
  if (step && !isWhole(value / step)) return `Write a multiple of ${step}.`;
  return null;
}

/** 0.3 / 0.1 is not quite 3. */
const isWhole = (value: number) => Math.abs(value - Math.round(value)) < 1e-9;

function faultOfText(property: Property, value: string): string | null {
  const [min = 0, max = Infinity] = [
    limitOf(property, "minLength"),
    limitOf(property, "maxLength"),
  ];
  const isTooLong = value.length > max && lengthOf(value) > max;
  if (isTooLong) return `At most ${plural(max, "character")}; these are ${count(lengthOf(value))}.`;
  if (value.length < min) return `At least ${plural(min, "character")}.`;
  const pattern = textOf(property.schema, "pattern");
  if (pattern && isRefused(pattern, value)) return `It has to match ${pattern}.`;
  return faultOfTime(textOf(property.schema, "format"), value.trim());
}

function isRefused(pattern: string, value: string): boolean {
  try {
    return !new RegExp(pattern, "u").test(value);
  } catch {
    return false; // a pattern of another language: the server knows it
  }
}

function faultOfTime(format: string, value: string): string | null {
  const isTime = !Number.isNaN(Date.parse(value.replace(" ", "T"))) && isDay(value.slice(0, 10));
  if (format === "date" && !(isTime && DATE.test(value)))
    return "Write a date, such as 2026-01-31.";
  if (format === "date-time" && !(isTime && MOMENT.test(value)))
    return "Write a date, such as 2026-01-31 or 2026-01-31T14:30.";
  return null;
}

/** JavaScript takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const day = new Date(text);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function faultOfList(property: Property, values: unknown[]): string | null {
  const [min = 0, max = Infinity] = [limitOf(property, "minItems"), limitOf(property, "maxItems")];
  if (property.type === "object") return 'Write an object, such as {"a": 1}.';
  if (values.length < min) return `At least ${count(min)} are needed; these are ${values.length}.`;
  if (values.length > max) return `At most ${count(max)} are taken; these are ${values.length}.`;
  const isTwice = new Set(values.map((value) => JSON.stringify(value))).size < values.length;
  return property.schema.uniqueItems === true && isTwice ? "One of them is there twice." : null;
}
