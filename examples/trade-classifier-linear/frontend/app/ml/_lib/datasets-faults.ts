import { faultsOf, sentenceOf } from "./problems";

/** What is wrong with one of a form's fields; the first one is told what no field is named for. */
export function errorAt(error: unknown, field: string, fields: string[]): string | null {
  if (!error) return null;
  const faults = faultsOf(error);
  const messagesAt = (name: string) =>
    faults.filter(({ field = "" }) => isWithin(field, name)).map(({ message }) => message);
  const own = messagesAt(field);
  if (own.length) return own.join(". ");
  const isPlaced = fields.some((name) => messagesAt(name).length);
  return field === fields[0] && !isPlaced ? sentenceOf(error) : null;
}

const isWithin = (field: string, name: string) => field === name || field.startsWith(`${name}.`);
