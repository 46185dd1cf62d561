import { count } from "../../_lib/format";
import { lengthOf } from "../../_lib/inputs-check";
import { limitOf, type Property, type Schema } from "../../_lib/inputs-schema";
import { isObject } from "../../_lib/objects";
import { Field } from "../ui/field";
import { Textarea } from "../ui/input";
import { faultIn, Label } from "./property-field";
import { PropertyGrid } from "./property-grid";
import type { InputProps } from "./registry";

/** A text, and what else the model wants to know about it. */
export function TextInput({ schema, properties, ...form }: InputProps) {
  const text = properties.find(({ type, options }) => type === "string" && !options.length);
  const others = properties.filter((property) => property !== text);
  if (!text) return <PropertyGrid {...form} properties={properties} />;
  const draft = String(form.drafts[text.name] ?? "");
  return (
    <>
      <Field
        label={<Label title={text.title} isOptional={!text.isRequired} />}
        hint={<Length property={text} draft={draft} />}
        error={faultIn(form.faults, text.name)}
      >
        {(control) => (
          <Textarea
            {...control}
            value={draft}
            onChange={(event) => form.onChange(text.name, event.target.value)}
            placeholder={exampleOf(schema, text.name)}
            className="max-h-96 min-h-32"
          />
        )}
      </Field>
      <PropertyGrid {...form} properties={others} />
    </>
  );
}

function Length({ property, draft }: { property: Property; draft: string }) {
  const max = limitOf(property, "maxLength");
  const isOver = max !== undefined && draft.length > max;
  return (
    <span className="flex flex-wrap justify-between gap-x-4">
      <span>{property.hint}</span>
      {max !== undefined && (
        <span className={isOver ? "text-destructive" : "tabular-nums"}>
          {count(lengthOf(draft))} of {count(max)} characters
        </span>
      )}
    </span>
  );
}

function exampleOf(schema: Schema, name: string): string | undefined {
  const examples = Array.isArray(schema.examples) ? schema.examples.filter(isObject) : [];
  const example = examples[0]?.[name];
  return typeof example === "string" ? example : undefined;
}
