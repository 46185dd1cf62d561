/** An object as JSON has them: no list, and not null. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty where it is none. */
export const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});
