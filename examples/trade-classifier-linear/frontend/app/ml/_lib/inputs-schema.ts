import { title } from "./format";
import { isObject } from "./objects";

/** A JSON schema, as a model's manifest carries it. */
export type Schema = Record<string, unknown>;

export type Type = "string" | "number" | "integer" | "boolean" | "array" | "object" | "any";

/** What a form has to know about one property of a schema. */
export type Property = {
  name: string;
  title: string;
  hint: string;
  type: Type;
  isRequired: boolean;
  isNullable: boolean;
  /** The values to choose from; empty where any value will do. */
  options: unknown[];
  /** Of an array. */
  items: Property | null;
  /** Of an object. */
  properties: Property[];
  /** References and alternatives with null are resolved in it. */
  schema: Schema;
};

const TYPES: readonly string[] = ["string", "number", "integer", "boolean", "array", "object"];
const MAX_DEPTH = 5; // a schema may hold itself

/** In the order of the schema. */
export function propertiesOf(schema: Schema, root: Schema = schema, depth = 0): Property[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  if (!isObject(schema.properties) || depth > MAX_DEPTH) return [];
  return Object.entries(schema.properties)
    .filter((entry): entry is [string, Schema] => isObject(entry[1]))
    .map(([name, part]) => propertyOf(name, part, required.includes(name), root, depth));
}

export function limitOf(property: Property, keyword: string): number | undefined {
  const limit = property.schema[keyword];
  return typeof limit === "number" ? limit : undefined;
}

export function textOf(schema: Schema, keyword: string): string {
  const text = schema[keyword];
  return typeof text === "string" ? text : "";
}

export function isNumeric(property: Property | null): boolean {
  return property?.type === "number" || property?.type === "integer";
}

export function isScalar(property: Property): boolean {
  return property.options.length > 0 || !["array", "object", "any"].includes(property.type);
}

function propertyOf(
  name: string,
  given: Schema,
  isRequired: boolean,
  root: Schema,
  depth: number,
): Property {
  const { schema, isNullable } = withoutNull(resolved(given, root), root);
  const type = typeOf(schema);
  return {
    name,
    title: titleOf(name, schema),
    hint: textOf(schema, "description"),
    type,
    isRequired,
    isNullable,
    options: optionsOf(schema, type),
    items: isObject(schema.items) ? propertyOf("", schema.items, true, root, depth + 1) : null,
    properties: propertiesOf(schema, root, depth + 1),
    schema,
  };
}

function resolved(schema: Schema, root: Schema, depth = 0): Schema {
  const { $ref: reference, allOf, ...rest } = schema;
  const single = Array.isArray(allOf) && allOf.length === 1 ? allOf[0] : undefined;
  const found = typeof reference === "string" ? target(reference, root) : single;
  if (!isObject(found) || depth > MAX_DEPTH) return schema;
  return { ...resolved(found, root, depth + 1), ...rest };
}

function target(reference: string, root: Schema): unknown {
  const path = reference.replace(/^#\//, "").split("/");
  return path.reduce<unknown>((part, key) => (isObject(part) ? part[key] : undefined), root);
}

function withoutNull(schema: Schema, root: Schema): { schema: Schema; isNullable: boolean } {
  const { anyOf, oneOf, ...rest } = schema;
  const alternatives = [anyOf, oneOf].find(Array.isArray)?.filter(isObject) ?? [];
  const others = alternatives.filter((part) => part.type !== "null");
  const types = Array.isArray(schema.type) ? schema.type : [];
  const values = Array.isArray(schema.enum) ? schema.enum : [];
  return {
    schema: others.length === 1 && others[0] ? { ...resolved(others[0], root), ...rest } : schema,
    isNullable:
      others.length < alternatives.length || types.includes("null") || values.includes(null),
  };
}

function typeOf(schema: Schema): Type {
  const named = [schema.type].flat().filter((name) => name !== "null");
  const [type] = named;
  return named.length === 1 && isType(type) ? type : "any";
}

function isType(name: unknown): name is Type {
  return typeof name === "string" && TYPES.includes(name);
}

function optionsOf(schema: Schema, type: Type): unknown[] {
  if (Array.isArray(schema.enum)) return schema.enum.filter((value) => value !== null);
  if ("const" in schema) return [schema.const];
  return type === "boolean" ? [true, false] : [];
}

/** A title that only repeats the name says it in our way of writing. */
function titleOf(name: string, schema: Schema): string {
  const own = textOf(schema, "title");
  const repeats = own.toLowerCase() === name.replaceAll("_", " ").trim().toLowerCase();
  return own && !repeats ? own : title(name || "value");
}
