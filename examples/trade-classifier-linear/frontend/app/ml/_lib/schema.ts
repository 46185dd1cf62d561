/** The settings of a training, from the JSON schema of its recipe: as fields, and back as values. */

import { title, value as shown } from "./format";
import { asObject } from "./objects";

type Schema = Record<string, unknown>;

export type Setting = {
  name: string;
  label: string;
  hint: string;
  kind: "integer" | "number" | "boolean" | "text" | "choice" | "json";
  choices: { text: string; label: string }[];
  /** Blank stands for null. */
  isNullable: boolean;
  isRequired: boolean;
  fallback: unknown;
  /** The default as it would be typed. */
  initial: string;
  schema: Schema;
};

export type Typed = Record<string, string>;
export type Settings = { values: Record<string, unknown>; faults: Record<string, string> };

const KINDS: Record<string, Setting["kind"]> = {
  integer: "integer",
  number: "number",
  boolean: "boolean",
  string: "text",
};

export function settingsOf(schema: Schema): Setting[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(asObject(schema.properties)).map(([name, part]) =>
    settingOf(name, resolve(asObject(part), schema), required.includes(name), schema),
  );
}

/** What was typed as values, without those that are the default anyway; and what is wrong with it. */
export function readSettings(settings: Setting[], typed: Typed): Settings {
  const read: Settings = { values: {}, faults: {} };
  for (const setting of settings) {
    const text = (typed[setting.name] ?? setting.initial).trim();
    const { value, fault } = readOne(setting, text);
    if (fault) read.faults[setting.name] = fault;
    else if (!isSame(value, setting.fallback)) read.values[setting.name] = value;
  }
  return read;
}

function settingOf(name: string, part: Schema, isRequired: boolean, root: Schema): Setting {
  const options = optionsOf(part, root);
  const kept = options.filter((option) => option.type !== "null");
  const isNullable = kept.length < options.length;
  const schema = kept.length === 1 ? { ...part, ...kept[0] } : part;
  const choices = choicesOf(schema);
  const kind = choices.length
    ? "choice"
    : (kept.length === 1 && KINDS[String(schema.type)]) || "json";
  return {
    name,
    label: labelOf(name, part.title),
    hint: hintOf(part.description, isNullable, kind),
    kind,
    choices: choices.map((choice) => ({ text: textOf(choice, kind), label: shown(choice) })),
    isNullable,
    isRequired,
    fallback: part.default,
    initial: textOf(part.default, kind),
    schema,
  };
}

function optionsOf(part: Schema, root: Schema): Schema[] {
  const given = part.anyOf ?? part.oneOf;
  return Array.isArray(given) ? given.map((option) => resolve(asObject(option), root)) : [part];
}

function choicesOf(schema: Schema): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum;
  return "const" in schema ? [schema.const] : [];
}

/** What a reference stands for, with what is said beside it. */
function resolve(part: Schema, root: Schema): Schema {
  if (typeof part.$ref !== "string") return part;
  const found = part.$ref
    .split("/")
    .slice(1)
    .reduce<unknown>((inside, key) => asObject(inside)[key], root);
  return { ...asObject(found), ...part, $ref: undefined };
}

/** The schema's own title, unless it was only made from the name. */
function labelOf(name: string, given: unknown): string {
  const isMade = typeof given === "string" && given.toLowerCase() === name.replaceAll("_", " ");
  return typeof given === "string" && !isMade ? given : title(name);
}

function hintOf(description: unknown, isNullable: boolean, kind: Setting["kind"]): string {
  const said = typeof description === "string" ? description : "";
  const blank = isNullable && !/\bblank\b/i.test(said) ? "Blank means not set." : "";
  return [said, blank, kind === "json" && "Written as JSON."].filter(Boolean).join(" ");
}

function textOf(value: unknown, kind: Setting["kind"]): string {
  if (value === null || value === undefined) return "";
  return kind === "json" || kind === "choice" ? JSON.stringify(value) : String(value);
}

type Read = { value?: unknown; fault?: string };

function readOne(setting: Setting, text: string): Read {
  if (text !== "") return readers[setting.kind](text, setting.schema);
  if (setting.isNullable) return { value: null };
  return setting.isRequired ? { fault: "This is needed." } : { value: setting.fallback };
}

const readers: Record<Setting["kind"], (text: string, schema: Schema) => Read> = {
  integer: (text, schema) =>
    Number.isSafeInteger(Number(text)) ? inBounds(Number(text), schema) : fault("a whole number"),
  number: (text, schema) =>
    Number.isFinite(Number(text)) ? inBounds(Number(text), schema) : fault("a number, as 0.5"),
  boolean: (text) => ({ value: text === "true" }),
  text: inLength,
  choice: parsed,
  json: parsed,
};

function parsed(text: string): Read {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return fault('JSON, as ["a", "b"]');
  }
}

function inBounds(value: number, schema: Schema): Read {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === "number" && value < minimum) return fault(`at least ${minimum}`);
  if (typeof maximum === "number" && value > maximum) return fault(`at most ${maximum}`);
  if (typeof exclusiveMinimum === "number" && value <= exclusiveMinimum)
    return fault(`more than ${exclusiveMinimum}`);
  if (typeof exclusiveMaximum === "number" && value >= exclusiveMaximum)
    return fault(`less than ${exclusiveMaximum}`);
  if (typeof multipleOf === "number" && !Number.isInteger(value / multipleOf))
    return fault(`a multiple of ${multipleOf}`);
  return { value };
}

function inLength(value: string, { minLength, maxLength, pattern }: Schema): Read {
  if (typeof minLength === "number" && value.length < minLength)
    return fault(`at least ${minLength} characters`);
  if (typeof maxLength === "number" && value.length > maxLength)
    return fault(`at most ${maxLength} characters`);
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value))
    return fault(`of the form ${pattern}`);
  return { value };
}

const fault = (what: string): Read => ({ fault: `This has to be ${what}.` });

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
