import type { Property } from "../../_lib/inputs-schema";
import type { Mapping } from "../../_lib/predict-file";
import { Label } from "../inputs/property-field";
import { Field } from "../ui/field";
import { Select } from "../ui/select";

type Props = {
  properties: Property[];
  columns: string[];
  mapping: Mapping;
  missing: Property[];
  onChange: (mapping: Mapping) => void;
};

/** Which column of the file is which property of the input. */
export function ColumnFields({ properties, columns, mapping, missing, onChange }: Props) {
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-1.5 text-sm font-medium">What the model is given</legend>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {properties.map((property) => (
          <Field
            key={property.name}
            label={<Label title={property.title} isOptional={!property.isRequired} />}
            hint={property.hint}
            error={missing.includes(property) ? "Choose a column." : null}
          >
            {(control) => (
              <Select
                {...control}
                value={mapping[property.name] ?? ""}
                onChange={(event) => onChange({ ...mapping, [property.name]: event.target.value })}
              >
                {canBeLeftOut(property, columns) && (
                  <option value="">
                    {property.isRequired ? "Choose a column…" : "Leave it out"}
                  </option>
                )}
                {columns.map((column) => (
                  <option key={column}>{column}</option>
                ))}
              </Select>
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

/** A column of the same name is taken in any case. */
const canBeLeftOut = ({ name, isRequired }: Property, columns: string[]) =>
  isRequired || !columns.includes(name);
