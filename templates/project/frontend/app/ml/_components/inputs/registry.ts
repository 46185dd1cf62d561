import type { ComponentType } from "react";
import type { Draft, Drafts, Faults } from "../../_lib/inputs-read";
import type { Property, Schema } from "../../_lib/inputs-schema";
import { ImageInput } from "./image-input";
import { RowInput } from "./row-input";
import { SeriesInput } from "./series-input";
import { TextInput } from "./text-input";
import { UserInput } from "./user-input";

export type InputProps = {
  schema: Schema;
  properties: Property[];
  drafts: Drafts;
  faults: Faults;
  onChange: (name: string, draft: Draft) => void;
};

/** The fields that a model's input is asked with, by the `kind` of its schema. */
const inputs = new Map<unknown, ComponentType<InputProps>>([
  ["text", TextInput],
  ["image", ImageInput],
  ["row", RowInput],
  ["series", SeriesInput],
  ["user", UserInput],
]);

/** A kind that nobody knows is asked field by field, as a row is. */
export const inputFor = (schema: Schema) => inputs.get(schema.kind) ?? RowInput;
