import type { KeptPrediction } from "../_api";
import type { Answer } from "./predict";
import { choiceOf } from "./predict-output";
import { type Drafts, draftsOf, readInput, type Reading } from "./inputs-read";
import { isNumeric, propertiesOf, type Property, type Schema } from "./inputs-schema";

type Output = Record<string, unknown>;
export type Correction = { output: Output; note: string };

/** A prediction that can be corrected, wherever it is shown. */
export type Correctable = {
  id: string;
  model: string;
  output: Output;
  correction: Correction | null;
};

export function correctableOf(kept: KeptPrediction): Correctable {
  const { id, model, output, corrected, note } = kept;
  return { id, model, output, correction: corrected && { output: corrected, note: note ?? "" } };
}

export function correctableAnswer({ prediction }: Answer, correction?: Correction): Correctable {
  const { id, model, output } = prediction;
  return { id, model, output, correction: correction ?? null };
}

/** What a person can say of an answer: its label, or else each of its fields. */
export function correctableFields(schema: Schema, output: Output, labels: string[]): Property[] {
  const properties = propertiesOf(schema).map((property) => ({ ...property, isRequired: true }));
  const choice = choiceOf(output);
  const chosen = properties.find(({ name }) => name === choice?.labelField);
  if (chosen) return [withLabels(chosen, labels)];
  const isScore = ({ schema }: Property) => typeof schema.additionalProperties === "object";
  return properties
    .filter((property) => !isScore(property))
    .map((property) => (property.name === "label" ? withLabels(property, labels) : property));
}

/** What the form starts with: what was said before, else what was answered. */
export function startOf(fields: Property[], prediction: Correctable): Drafts {
  return draftsOf(fields, { ...prediction.output, ...prediction.correction?.output });
}

/** The fields that differ from the answer. */
export function readCorrection(fields: Property[], drafts: Drafts, answer: Output): Reading {
  const { value, faults } = readInput(fields, drafts);
  const changed = Object.entries(value).filter(([name, said]) => !isSame(said, answer[name]));
  return { value: Object.fromEntries(changed), faults };
}

function withLabels(property: Property, labels: string[]): Property {
  return labels.length && !isNumeric(property)
    ? { ...property, hint: "", options: labels }
    : property;
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
