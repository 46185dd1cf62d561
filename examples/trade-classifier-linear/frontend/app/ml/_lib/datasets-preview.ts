const LONG = 170; // characters, more or less what the lines of a cell hold
const LINES = 3;
const SHOWN_CHARACTERS = 500; // the API cuts longer texts of a preview, and adds an ellipsis

/** What a cell shows; blank where nothing is in it. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The same with room around it: lists and objects have a line for each part. */
export function fullTextOf(value: unknown): string {
  return typeof value === "object" && value ? JSON.stringify(value, null, 2) : textOf(value);
}

export const isLong = (text: string) => text.length > LONG || text.split("\n").length > LINES;

/** Whether the API left out the rest. */
export const isCut = (text: string) => text.length > SHOWN_CHARACTERS && text.endsWith("…");
