import { cn } from "../../_lib/cn";
import type { Draft, Faults } from "../../_lib/inputs-read";
import { isNumeric, isScalar, limitOf, type Property, textOf } from "../../_lib/inputs-schema";
import { value as said } from "../../_lib/format";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { Select } from "../ui/select";

type Props = {
  property: Property;
  draft: Draft | undefined;
  faults: Faults;
  onChange: (name: string, draft: Draft) => void;
  className?: string;
};

/** One property of a schema, asked by its type. */
export function PropertyField({ property, draft, faults, onChange, className }: Props) {
  const { name, title, hint, isRequired } = property;
  const change = (draft: Draft) => onChange(name, draft);
  return (
    <Field
      label={<Label title={title} isOptional={!isRequired} />}
      hint={[hint, rangeOf(property)].filter(Boolean).join(" ")}
      error={faultIn(faults, name)}
      className={className}
    >
      {(control) => <Control {...control} {...{ property, draft, change }} />}
    </Field>
  );
}

/** A word, as a star means nothing to who does not know it. */
export function Label({ title, isOptional }: { title: string; isOptional: boolean }) {
  return (
    <>
      {title}
      {isOptional && <span className="font-normal text-muted-foreground"> (optional)</span>}
    </>
  );
}

/** Of the property itself, or of the first place in it. */
export function faultIn(faults: Faults, name: string): string | undefined {
  if (faults[name]) return faults[name];
  const inner = Object.entries(faults).find(([place]) => place.startsWith(`${name}.`));
  if (!inner) return undefined;
  const [first = "", ...rest] = inner[0].slice(name.length + 1).split(".");
  const index = Number(first);
  const place = Number.isNaN(index) ? first : `Number ${index + 1}`;
  return `${[place, ...rest].join(", ")}: ${inner[1]}`;
}

type ControlProps = {
  id: string;
  property: Property;
  draft: Draft | undefined;
  change: (draft: Draft) => void;
};

function Control({ property, draft, change, ...control }: ControlProps) {
  const text = typeof draft === "string" ? draft : "";
  if (property.options.length)
    return (
      <Select {...control} value={text} onChange={(event) => change(event.target.value)}>
        <option value="">{blankOf(property)}</option>
        {property.options.map((option) => (
          <option key={String(option)} value={String(option)}>
            {said(option)}
          </option>
        ))}
      </Select>
    );
  if (property.items && isScalar(property.items))
    return (
      <Textarea
        {...control}
        value={Array.isArray(draft) ? draft.join("\n") : text}
        onChange={(event) => change(event.target.value.split("\n"))}
        placeholder="One on each line"
      />
    );
  const isLong = !isScalar(property) || (limitOf(property, "maxLength") ?? 0) > 300;
  if (isLong)
    return (
      <Textarea
        {...control}
        value={text}
        onChange={(event) => change(event.target.value)}
        placeholder={placeholderOf(property)}
        spellCheck={isScalar(property)}
        className={cn("max-h-72", !isScalar(property) && "font-mono md:text-xs/relaxed")}
      />
    );
  return (
    <Input
      {...control}
      type={textOf(property.schema, "format") === "date" ? "date" : "text"}
      inputMode={isNumeric(property) ? "decimal" : undefined}
      value={text}
      onChange={(event) => change(event.target.value)}
      placeholder={placeholderOf(property)}
      autoComplete="off"
    />
  );
}

function blankOf({ isRequired, isNullable, schema }: Property): string {
  if (isRequired) return isNullable ? "Not known" : "Choose…";
  return schema.default == null ? "Not given" : `Not given: ${said(schema.default)}`;
}

function placeholderOf(property: Property): string | undefined {
  const { schema, type, isRequired, isNullable } = property;
  const examples = Array.isArray(schema.examples) ? schema.examples : [];
  if (schema.default != null) return exampleText(schema.default);
  if (examples.length) return exampleText(examples[0]);
  if (isNullable && isRequired) return "Not known";
  if (type === "array") return "[…]";
  return type === "object" ? "{…}" : undefined;
}

const exampleText = (example: unknown) =>
  typeof example === "string" ? example : JSON.stringify(example);

function rangeOf(property: Property): string {
  const [min, max] = [limitOf(property, "minimum"), limitOf(property, "maximum")];
  if (min !== undefined && max !== undefined) return `${said(min)} to ${said(max)}.`;
  if (min !== undefined) return `At least ${said(min)}.`;
  return max === undefined ? "" : `At most ${said(max)}.`;
}
